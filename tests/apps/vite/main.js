// Shows the greeting, and the new one when that module is edited: the page stays.
import { greeting } from './greeting.js'
import './style.css'

const show = text => { document.getElementById('greeting').textContent = text }

show(greeting)
import.meta.hot.accept('./greeting.js', next => show(next.greeting))

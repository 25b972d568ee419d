// What somebody says comes back to them as the acknowledgement, and to everybody else as 'said'.
const fs = require('node:fs')
const http = require('node:http')
const path = require('node:path')
const { Server } = require('socket.io')

const server = http.createServer((request, response) => {
  response.setHeader('Content-Type', 'text/html; charset=utf-8')
  fs.createReadStream(path.join(__dirname, 'index.html')).pipe(response)
})

new Server(server).on('connection', socket => {
  socket.on('say', (words, acknowledge) => {
    socket.broadcast.emit('said', words)
    acknowledge(words)
  })
})

server.listen(Number(process.env.PORT), '127.0.0.1')

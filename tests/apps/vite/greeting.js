// Edited while the page is open.
export const greeting = 'good morrow'

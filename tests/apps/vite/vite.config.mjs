// What a publisher has to say: under which names the page is visited.
export default {
  server: {
    host: '127.0.0.1',
    port: Number(process.env.PORT),
    strictPort: true,
    allowedHosts: ['.gate.example'],
  },
}

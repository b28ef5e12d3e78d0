import { createServer } from 'node:net'

/** Whether a server on this machine's loopback address could listen on `port` now. */
export function isPortFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(true)))
  })
}

/** A port that nobody listens on at the moment; `preferred` when it is free. */
export async function freePort(preferred?: number): Promise<number> {
  if (preferred !== undefined && (await isPortFree(preferred))) return preferred
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen({ port: 0, host: '127.0.0.1' }, () => {
      const address = server.address()
      const port = typeof address === 'object' && address ? address.port : 0
      server.close(() => resolve(port))
    })
  })
}

/** The first free port from `first` upward within 200 numbers. */
export async function nextFreePort(first: number): Promise<number> {
  for (let port = first; port < Math.min(first + 200, 65_536); port++) if (await isPortFree(port)) return port
  return freePort()
}

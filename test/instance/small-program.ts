import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'

/** Stands where the API, relayer and indexer stand: keeps the rules that the supervisor expects of a program. */
interface Config {
  readonly port?: number
  readonly ends?: boolean
}

const config = JSON.parse(readFileSync(process.argv[3]!, 'utf8')) as Config
process.on('disconnect', () => process.exit(0))
process.on('SIGTERM', () => process.exit(0))
if (config.ends) {
  process.stdout.write('this program has something to complain about\n')
  process.send!({ type: 'ready' })
  setTimeout(() => process.exit(3), 10)
} else if (config.port !== undefined) {
  const server = createServer((request, response) => response.writeHead(request.url === '/readyz' ? 200 : 404).end())
  server.listen(config.port, '127.0.0.1', () => process.send!({ type: 'ready' }))
} else {
  setInterval(() => {}, 60_000)
  process.send!({ type: 'ready' })
}

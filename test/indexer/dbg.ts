import { startWorld, stopWorld, startIndexer } from './world.ts'
import { setTimeout as sleep } from 'node:timers/promises'
const w = await startWorld()
const ix = startIndexer(w)
await ix.ready
ix.child.on('exit', (...a) => console.log('exit', a))
ix.child.disconnect()
console.log('a', await Promise.race([ix.exited.then(c => `exited ${c}`), sleep(3000)]))
ix.child.kill('SIGTERM')
console.log('b', await Promise.race([ix.exited.then(c => `exited ${c}`), sleep(3000)]))
ix.child.kill('SIGKILL')
await stopWorld(w)

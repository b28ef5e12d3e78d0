/**
 * Whether the process is told to stop, by a signal or by the end of who started it. Loaded before all else that takes long: a first
 * process of a container does not even end by a signal that nobody listens to.
 */
const controller = new AbortController()
for (const signal of ['SIGTERM', 'SIGINT', 'disconnect'] as const) process.on(signal, () => controller.abort())
// Who started it ended before it could hear of that.
if (process.connected === false) controller.abort()

export const stopping = controller.signal

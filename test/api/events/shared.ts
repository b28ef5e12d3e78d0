import type { Instance } from '../instance.ts'

let instance: Instance | undefined

/** The one instance that all tests of events work with. */
export function tally(): Instance {
  if (!instance) throw new Error('the instance is not there yet')
  return instance
}

export function share(started: Instance): void {
  instance = started
}

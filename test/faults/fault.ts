import { setTimeout as sleep } from 'node:timers/promises'
import type { IndexerErrorCode } from '../../indexer/errors.ts'
import { createRandom } from './random.ts'
import type { Rig, Scene, Start } from './rig.ts'

const RUN_MS = 120_000

/** A fault and how it is made. */
export interface Fault {
  name: string
  how: string
  /** `behind` when absent. */
  start?: Start
  /**
   * The indexer must end with this code and have written nothing. Absent: it must go on, end with exit code 0 when told to
   * stop, and have the digest of the undisturbed run.
   */
  refusal?: IndexerErrorCode
  /** It changes the chain, so that the undisturbed run is made anew for comparison. */
  changesChain?: boolean
  /** Makes it happen. @throws Error when it did not happen, or was not noticed where it had to be */
  run(scene: Scene): Promise<void>
}

export interface Verdict {
  fault: Fault
  survived: boolean
  /** Undefined where no digest was reached. */
  isEqual: boolean | undefined
  seconds: number
  /** Why not, and the end of what the indexers said. */
  reason: string
}

export function must(condition: boolean, what: string): asserts condition {
  if (!condition) throw new Error(what)
}

async function tooLong(): Promise<never> {
  await sleep(RUN_MS, undefined, { ref: false })
  throw new Error(`not over within ${RUN_MS / 1000} s`)
}

/** Injects one fault and looks at what is left. */
export async function judge(rig: Rig, fault: Fault, seed: number): Promise<Verdict> {
  const started = performance.now()
  const scene = await rig.open(fault.start ?? 'behind', createRandom(seed))
  let isEqual: boolean | undefined
  let reason = ''
  try {
    const before = fault.refusal && (await scene.digest())
    await Promise.race([fault.run(scene), tooLong()])
    if (fault.changesChain) {
      const code = await rig.world.provider.getCode(rig.world.deployment.receivables)
      must(code !== '0x', 'the chain lost its contracts')
      await rig.measure()
    }
    const last = scene.indexers.at(-1)
    if (fault.refusal) {
      const code = await scene.exitOf(last!)
      must(code === 1, `exit code ${code}, required 1`)
      must(last!.output().includes(fault.refusal), `it did not name ${fault.refusal}`)
      isEqual = (await scene.digest()) === before
    } else {
      await scene.until(async () => (await scene.cursor()) === rig.head, `block ${rig.head} is projected`)
      const isWhole = async (): Promise<boolean> => (await rig.shapeOf(scene.url)) === rig.shape
      await scene.until(isWhole, 'all indexes and constraints are there', 10_000)
      if (last) {
        last.child.kill('SIGTERM')
        const code = await scene.exitOf(last)
        must(code === 0, `exit code ${code} after SIGTERM, required 0`)
      }
      isEqual = (await scene.digest()) === rig.reference
      const trouble = await rig.feedTroubleOf(scene.url)
      must(trouble === undefined, `the feed is broken: ${trouble}`)
      // A fork leaves its traces in the feed; nothing else does.
      if (!fault.changesChain)
        must((await rig.feedOf(scene.url)) === rig.feed, 'the feed differs from the undisturbed run')
    }
    must(isEqual, fault.refusal ? 'the projection was written to' : 'the digest differs from the undisturbed run')
  } catch (error) {
    const said = scene.indexers.map((each) => each.output().trim().split('\n').slice(-4).join('\n      '))
    reason = `${(error as Error).message}\n      ${said.join('\n      --\n      ')}`
  }
  await scene.close()
  return { fault, survived: reason === '', isEqual, seconds: (performance.now() - started) / 1000, reason }
}

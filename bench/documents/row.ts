/** One format of `npm run bench:documents`. */
export interface DocumentRow {
  metric: string
  files: number
  unit: 'documents/s'
  ours: number
  /** The bare parse of the same bytes. */
  floor: number
  /** Our time by the floor's, median of the rounds: less is better. */
  ratioToFloor: number
  /** The most that `ratioToFloor` may be; null where the floor is no parser. */
  budget: number | null
  /** The most heap that reading one of the files took, in 10^6 bytes; collected before and not between. */
  memoryMegabytes: number
  missed: string[]
}

const ROUNDS = 15
const ROUND_MS = 60

/** Both sides take turns in each round, so that what else the machine does strikes both. */
export function measure(
  format: string,
  files: readonly Uint8Array[],
  ours: (bytes: Uint8Array) => void,
  floor: (bytes: Uint8Array) => void,
  budget: number | null
): DocumentRow {
  passes(files, ours)
  passes(files, floor)
  const ratios: number[] = []
  const rates: [number, number][] = []
  for (let round = 0; round < ROUNDS; round++) {
    const [ourRate, floorRate] = [passes(files, ours), passes(files, floor)]
    rates.push([ourRate, floorRate])
    ratios.push(floorRate / ourRate)
  }
  const ratioToFloor = median(ratios)
  return {
    metric: format,
    files: files.length,
    unit: 'documents/s',
    ours: median(rates.map(([each]) => each)),
    floor: median(rates.map(([, each]) => each)),
    ratioToFloor,
    budget,
    memoryMegabytes: Math.max(...files.map((bytes) => heapOf(() => ours(bytes)))) / 1e6,
    missed: budget !== null && ratioToFloor > budget ? [`at most ${budget} × floor`] : []
  }
}

/** Documents a second over whole passes of all files. */
function passes(files: readonly Uint8Array[], work: (bytes: Uint8Array) => void): number {
  const started = performance.now()
  let done = 0
  while (performance.now() - started < ROUND_MS) {
    for (const bytes of files) work(bytes)
    done += files.length
  }
  return (done * 1000) / (performance.now() - started)
}

function heapOf(work: () => void): number {
  globalThis.gc?.()
  const before = process.memoryUsage()
  work()
  const after = process.memoryUsage()
  return Math.max(0, after.heapUsed - before.heapUsed + after.arrayBuffers - before.arrayBuffers)
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!
}

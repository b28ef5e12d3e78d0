import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync, fchmodSync } from 'node:fs'

/**
 * Writes a whole file or nothing: a reader, or a start after a crash, sees the old content or the new one.
 * @param mode permission bits, 0600 unless said otherwise
 */
export function writeWhole(file: string, content: string | Uint8Array, mode = 0o600): void {
  const draft = `${file}.${process.pid}.new`
  const handle = openSync(draft, 'w', mode)
  try {
    fchmodSync(handle, mode)
    let written = 0
    const bytes = typeof content === 'string' ? Buffer.from(content) : content
    while (written < bytes.length) written += writeSync(handle, bytes, written)
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
  renameSync(draft, file)
}

/** The parsed JSON of a file; undefined when the file is missing or is not JSON (cut off by a crash, for one). */
export function readJson(file: string): unknown {
  const text = readText(file)
  if (text === undefined) return undefined
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

export function readText(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}

/** The last lines of a log, for a message about the process that wrote it. */
export function tailOf(file: string, lines = 15): string {
  return (readText(file) ?? '').trimEnd().split('\n').slice(-lines).join('\n')
}

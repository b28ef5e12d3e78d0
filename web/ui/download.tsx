import { useAct } from './act.ts'
import { Problem } from './problem.tsx'

interface DownloadProps {
  label: string
  fileName: string
  type: string
  load: () => Promise<Uint8Array>
}

/** Fetches with the credential of the page, which a plain link would not carry, and hands the file to the reader. */
export function Download({ label, fileName, type, load }: DownloadProps) {
  const { isBusy, error, run } = useAct()
  const get = (): Promise<void> =>
    run(async () => {
      save(await load(), fileName, type)
    })
  return (
    <>
      <button type="button" disabled={isBusy} aria-busy={isBusy} onClick={() => void get()}>
        {label}
      </button>
      <Problem error={error} />
    </>
  )
}

function save(bytes: Uint8Array, fileName: string, type: string): void {
  const url = URL.createObjectURL(new Blob([new Uint8Array(bytes)], { type }))
  const link = document.createElement('a')
  link.href = url
  link.download = fileName
  link.click()
  setTimeout(() => URL.revokeObjectURL(url), 10_000)
}

import { useState } from 'preact/hooks'
import { Problem } from './problem.tsx'

interface DownloadProps {
  label: string
  fileName: string
  type: string
  load: () => Promise<Uint8Array>
}

/** Fetches with the credential of the page, which a plain link would not carry, and hands the file to the reader. */
export function Download({ label, fileName, type, load }: DownloadProps) {
  const [isBusy, setBusy] = useState(false)
  const [error, setError] = useState<unknown>()
  const get = async () => {
    setBusy(true)
    setError(undefined)
    try {
      save(await load(), fileName, type)
    } catch (failure) {
      setError(failure)
    } finally {
      setBusy(false)
    }
  }
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

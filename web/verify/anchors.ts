/** The reader's trust anchors, kept in the browser: the page works without network once they are there. */
import { signal } from '@preact/signals'
import { Api } from '../../client/api.ts'
import { parseTrustAnchors, type TrustAnchors } from '../../domain/evidence/anchors.ts'

const storageKey = 'tallystick.trust-anchors'

function restored(): TrustAnchors | undefined {
  try {
    const text = localStorage.getItem(storageKey)
    return text === null ? undefined : parseTrustAnchors(JSON.parse(text))
  } catch {
    return undefined
  }
}

export const anchors = signal<TrustAnchors | undefined>(restored())

/** @throws EvidenceError ANCHORS_MALFORMED, SyntaxError for what is no JSON */
export function takeAnchors(text: string): void {
  const parsed = parseTrustAnchors(JSON.parse(text))
  anchors.value = parsed
  try {
    localStorage.setItem(storageKey, text)
  } catch {
    // No room: they hold for as long as the page is open.
  }
}

/** Those of the registry that serves this page. */
export async function fetchAnchors(): Promise<void> {
  const bytes = await new Api({ baseUrl: '' }).download('getTrustAnchors', {})
  takeAnchors(new TextDecoder().decode(bytes))
}

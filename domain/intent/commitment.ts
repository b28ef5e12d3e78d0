import { hexlify } from 'ethers'
import { sha256 } from '../crypto/hash.ts'

const text = new TextEncoder()

/**
 * What the chain sees of a text (reason, reference): SHA-256 over the subject and the text. The subject's id is
 * unguessable from outside, so short texts can't be guessed from the chain alone by others than its parties.
 */
export function commitmentTo(subjectId: string, content: string): string {
  return hexlify(sha256(text.encode(`${subjectId}\n${content}`)))
}

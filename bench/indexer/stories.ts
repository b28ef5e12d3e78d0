/** The logs that our contracts leave of the stories that `chain.ts` tells them, without a contract. */
import { ZeroHash } from 'ethers'
import { contracts, type Deployment } from '../../domain/chain/contracts.ts'
import { claimReasons } from '../../domain/fingerprint/claim-word.ts'
import { encodeNoteWord, type NoteFields } from '../../domain/note/note-word.ts'
import { cutNoteId, noteIdOf } from '../../domain/note/span.ts'
import { rolesToBits } from '../../domain/participant/roles.ts'
import { keccakOf, keccakOfHex } from '#keccak'
import { addresses, cast, roleOf, TENOR, type Actor } from './chain.ts'

/** What a log says, wherever it stands. Logs of one transaction come together. */
export interface StoryLog {
  address: string
  topics: string[]
  data: string
}

const word = (value: bigint | number | string): string => BigInt(value).toString(16).padStart(64, '0')
/** As ethers' function of that name. */
const id = (text: string): string => `0x${keccakOf(Buffer.from(text))}`
const digits = (words: readonly (bigint | number | string)[]): string => `0x${words.map(word).join('')}`
const topicOf = (contract: 'receivables' | 'fingerprints', name: string): string =>
  contracts[contract].getEvent(name)!.topicHash

/** Blocks after a registration in which something happens, the latest one first: the order in which a block has them. */
export const STEPS = [TENOR + 2, TENOR + 1, TENOR, 5, 4, 3, 2, 1, 0] as const
type Step = (typeof STEPS)[number]

/** The transactions of stories by their step, each as its logs. */
export function createStories({ fingerprints, receivables }: Pick<Deployment, 'fingerprints' | 'receivables'>) {
  const [claims, notes] = [fingerprints.toLowerCase(), receivables.toLowerCase()]
  const names = ['Registered', 'Confirmed', 'Closed'].map((name) => `Receivable${name}`)
  const noteNames = ['Offered', 'Accepted', 'Locked', 'Financed', 'Settled'].map((name) => `Note${name}`)
  const topics = new Map([...names, ...noteNames].map((name) => [name, topicOf('receivables', name)]))
  const claimed = topicOf('fingerprints', 'FingerprintClaimed')
  const [quote, disbursement] = [id('quote'), id('disbursement')]

  function log(name: string, of: bigint, ...words: (bigint | number | string)[]): StoryLog {
    return { address: notes, topics: [topics.get(name)!, `0x${word(of)}`], data: digits(words) }
  }

  const known = new Map<number, ReturnType<typeof tell>>()
  /** What a story's steps have in common. Its id is that of its terms, which are hashed as they are encoded. */
  function tell(story: number, time: number) {
    const amount = 1_000_000n + BigInt(story)
    const maturity = time + TENOR
    const fingerprint = `0x0001${id(`document ${story}`).slice(2, 62)}`
    const words = [maturity, cast.supplier, cast.debtor, amount, 156, id(`content ${story}`), 224, 1, fingerprint]
    const receivable = BigInt(`0x${keccakOfHex(digits(words).slice(2)).slice(16)}`)
    const root = noteIdOf(receivable, 0n)
    return { amount, maturity, fingerprint, words, receivable, root, piece: cutNoteId(root, amount, 400_000n) }
  }

  /** @param time When the story's registration was mined */
  return function logsOf(story: number, step: Step, time: number): StoryLog[] {
    const told = known.get(story) ?? tell(story, time)
    if (step === STEPS[0]) known.delete(story)
    else if (step === 0) known.set(story, told)
    const { amount, maturity, fingerprint, words, receivable, root, piece } = told
    const note = (fields: Partial<NoteFields>): bigint => encodeNoteWord({ ...blank, end: amount, ...fields })
    const deadline = maturity - 1
    const bought = { holder: cast.factor, assignor: cast.second, tier: 1 }
    switch (step) {
      case 0: {
        const claim =
          (BigInt(claimReasons.indexOf('receivable')) << 232n) |
          (1n << 224n) |
          (BigInt(cast.supplier) << 192n) |
          receivable
        return [
          { address: claims, topics: [claimed, fingerprint], data: digits([claim]) },
          log('ReceivableRegistered', receivable, ...words)
        ]
      }
      case 1:
        return [log('ReceivableConfirmed', receivable)]
      case 2: {
        const offer = { holder: cast.supplier, counterparty: cast.second, deadline, purpose: 'transfer' } as const
        return [log('NoteOffered', piece, note({ ...offer, state: 'offered' }), id(`trade ${story}`))]
      }
      case 3:
        return [log('NoteAccepted', piece, note({ holder: cast.second, assignor: cast.supplier, tier: 1 }))]
      case 4: {
        const lock = { holder: cast.second, assignor: cast.supplier, counterparty: cast.factor, tier: 1, deadline }
        return [log('NoteLocked', piece, note({ ...lock, state: 'locked', purpose: 'assignment' }), quote)]
      }
      case 5:
        return [log('NoteFinanced', piece, note(bought), disbursement)]
      case TENOR: {
        const settled = { holder: cast.supplier, counterparty: cast.supplier, end: amount - 400_000n }
        return [log('NoteSettled', root, note({ ...settled, state: 'settled' }), id(`payment ${story}`))]
      }
      case TENOR + 1: {
        const settled = note({ ...bought, counterparty: cast.factor, state: 'settled' })
        return [log('NoteSettled', piece, settled, id(`payment ${story}`))]
      }
      default:
        return [log('ReceivableClosed', receivable)]
    }
  }
}

const blank: NoteFields = {
  ...{ end: 0n, holder: 0, counterparty: 0, assignor: 0, deadline: 0, frozenUntil: 0, tier: 0 },
  ...{ state: 'live', purpose: 'none', hasRecourse: false }
}

/** What the deployment leaves: the cast and our registry. */
export function logsOfDeployment({ participants, fingerprints, receivables }: Deployment): StoryLog[][] {
  const admitted = (Object.keys(cast) as Actor[]).map((actor) => {
    const args = [cast[actor], addresses[actor], rolesToBits([roleOf(actor)]), id(`legal ${actor}`), ZeroHash]
    return [
      {
        address: participants.toLowerCase(),
        ...contracts.participants.encodeEventLog('ParticipantAdmitted', args)
      }
    ]
  })
  const registered = contracts.fingerprints.encodeEventLog('RegistryAuthorised', [1, receivables])
  return [[{ address: fingerprints.toLowerCase(), ...registered }], ...admitted]
}

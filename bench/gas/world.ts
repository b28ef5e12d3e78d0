/** Our contracts on the bench's chain, with a cast, and the states from which the operations are measured. */
import { AbiCoder, getCreateAddress, keccak256, toBeHex, toUtf8Bytes, ZeroHash } from 'ethers'
import { contracts } from '../../domain/chain/contracts.ts'
import { callOf, type Command, type LockPurpose, type TransferPurpose } from '../../domain/intent/commands.ts'
import { noteIdOf, startOfNote } from '../../domain/note/span.ts'
import { rolesToBits, type Role } from '../../domain/participant/roles.ts'
import { receivableIdOf, type Terms } from '../../domain/receivable/terms.ts'
import { contractArtifact } from '../../scripts/world/artifacts.ts'
import { creationCode, type Chain, type Mined } from './chain.ts'

export const DAY = 86_400
/** Five significant bytes, as invoices of some hundred million yuan have in fen. */
export const AMOUNT = 60_000_000_019n
export const PART = 5_000_000_017n
const TENOR = 90 * DAY
const policy = { maxTenor: 366 * DAY, minAcceptanceWindow: 3_600, maxTier: 16, requiresTradeClaim: false }

export interface Party {
  readonly id: number
  readonly address: string
}

const cast = {
  debtor: 'debtor',
  supplier: 'supplier',
  second: 'supplier',
  third: 'supplier',
  factor: 'factor',
  clearing: 'clearing',
  regulator: 'regulator'
} as const satisfies Record<string, Role>
export type Name = keyof typeof cast

export interface Registered {
  readonly terms: Terms
  readonly fingerprints: readonly string[]
  readonly receivableId: bigint
  readonly rootId: bigint
}

export class World {
  readonly chain: Chain
  readonly parties: Readonly<Record<Name, Party>>
  readonly addresses: { receivables: string; fingerprints: string; participants: string; p256Verifier: string }
  readonly #accountFactory: string
  readonly #admin: string
  #hashes = 0
  #admitted = 0

  private constructor(chain: Chain, addresses: World['addresses'], accountFactory: string) {
    this.chain = chain
    this.addresses = addresses
    this.#accountFactory = accountFactory
    this.#admin = chain.wallets[0]!.address
    const parties = Object.keys(cast).map((name, i) => [name, { id: i + 1, address: chain.wallets[i + 1]!.address }])
    this.parties = Object.fromEntries(parties) as Record<Name, Party>
  }

  static async deploy(chain: Chain): Promise<World> {
    const admin = chain.wallets[0]!.address
    const manager = await chain.deploy(admin, await contractArtifact('AccessManager'), [admin])
    const participants = await chain.deploy(admin, await contractArtifact('Participants'), [manager])
    const artifact = await contractArtifact('Fingerprints')
    const fingerprints = await chain.deploy(admin, artifact, [manager, participants])
    const registry = creationCode(await contractArtifact('Receivables'), [participants, fingerprints, policy])
    await chain.send(admin, fingerprints, contracts.fingerprints.encodeFunctionData('create', [registry]))
    const receivables = getCreateAddress({ from: fingerprints, nonce: 1 })
    const p256Verifier = await chain.deploy(admin, await contractArtifact('P256Verifier'))
    const factory = await chain.deploy(admin, await contractArtifact('AccountFactory'), [manager, DAY])
    const allow = contracts.accountFactory.encodeFunctionData('allowVerifier', [p256Verifier, true])
    await chain.send(admin, factory, allow)
    const world = new World(chain, { receivables, fingerprints, participants, p256Verifier }, factory)
    for (const [name, { address }] of Object.entries(world.parties)) await world.admit(address, cast[name as Name])
    return world
  }

  /** Accounts may have keys of this verifier from now on. */
  async allowVerifier(verifier: string): Promise<void> {
    const data = contracts.accountFactory.encodeFunctionData('allowVerifier', [verifier, true])
    await this.chain.send(this.#admin, this.#accountFactory, data)
  }

  /** Admits an account and returns the participant's number. */
  async admit(account: string, role: Role): Promise<number> {
    const data = contracts.participants.encodeFunctionData('admit', [account, rolesToBits([role]), ZeroHash, ZeroHash])
    await this.chain.send(this.#admin, this.addresses.participants, data)
    return ++this.#admitted
  }

  /** An account contract with these signers, all of whom must sign. */
  async createAccount(signers: readonly { signer: string; duty: number }[]): Promise<string> {
    const makers = signers.filter(({ duty }) => duty === 1).length
    const args = [signers, { makers, checkers: signers.length - makers }, this.hash()]
    const { accountFactory } = contracts
    const at = accountFactory.encodeFunctionData('addressOf', args)
    const [address] = AbiCoder.defaultAbiCoder().decode(['address'], await this.chain.read(this.#accountFactory, at))
    const data = accountFactory.encodeFunctionData('create', args)
    await this.chain.send(this.#admin, this.#accountFactory, data)
    return address as string
  }

  /** A hash that nothing had before: 32 pseudo-random bytes. */
  hash(): string {
    return keccak256(toUtf8Bytes(`hash ${++this.#hashes}`))
  }

  fingerprint(): string {
    return toBeHex(1, 2) + this.hash().slice(2, 62)
  }

  act(name: Name, command: Command): Promise<Mined> {
    const { target, data } = callOf(command, this.addresses)
    return this.chain.send(this.parties[name].address, target, data)
  }

  /** All in one transaction. */
  actAll(name: Name, commands: readonly Command[]): Promise<Mined> {
    const calls = commands.map((command) => callOf(command, this.addresses).data)
    const data = contracts.receivables.encodeFunctionData('multicall', [calls])
    return this.chain.send(this.parties[name].address, this.addresses.receivables, data)
  }

  terms(creditor = this.parties.supplier.id): Registered {
    const terms = {
      creditor,
      debtor: this.parties.debtor.id,
      amount: AMOUNT,
      currency: 156,
      maturity: this.chain.time + TENOR,
      contentCommitment: this.hash()
    }
    const fingerprints = [this.fingerprint()]
    const receivableId = receivableIdOf(terms, fingerprints)
    return { terms, fingerprints, receivableId, rootId: noteIdOf(receivableId, 0n) }
  }

  async registered(count: number): Promise<Registered[]> {
    const all = Array.from({ length: count }, () => this.terms())
    await this.actAll(
      'supplier',
      all.map(({ terms, fingerprints }) => ({ kind: 'register', terms, fingerprints }))
    )
    return all
  }

  /** Confirmed receivables with their root notes in the supplier's hands. */
  async issued(count: number, creditor?: number): Promise<Registered[]> {
    const all = Array.from({ length: count }, () => this.terms(creditor))
    await this.actAll(
      'debtor',
      all.map(({ terms, fingerprints }) => ({ kind: 'issue', terms, fingerprints }))
    )
    return all
  }

  transfer(noteId: bigint, amount: bigint, to: Name, purpose: TransferPurpose = 'transfer'): Command {
    const tradeDocument = purpose === 'trade-transfer' ? this.fingerprint() : this.hash()
    const deadline = this.chain.time + DAY
    return { kind: 'transfer', noteId, amount, assignee: this.parties[to].id, deadline, purpose, tradeDocument }
  }

  lock(noteId: bigint, amount: bigint, purpose: LockPurpose = 'assignment'): Command {
    const deadline = this.chain.time + DAY
    return { kind: 'lock', noteId, amount, factor: this.parties.factor.id, deadline, purpose, quote: this.hash() }
  }

  /** Id of the piece that a cut of `PART` off the end of a root note gives. */
  pieceOf({ rootId }: Registered): bigint {
    return rootId + AMOUNT - PART
  }

  /** Notes of `PART` on offer to `to`, each cut off the root note of a receivable of its own. */
  async offered(count: number, to: Name = 'second', purpose?: TransferPurpose): Promise<bigint[]> {
    const all = await this.issued(count)
    await this.actAll(
      'supplier',
      all.map(({ rootId }) => this.transfer(rootId, PART, to, purpose))
    )
    return all.map((registered) => this.pieceOf(registered))
  }

  /** Notes of `PART` in the second supplier's hands, each in its own slot and of a receivable of its own. */
  async held(count: number): Promise<bigint[]> {
    const notes = await this.offered(count)
    await this.actAll(
      'second',
      notes.map((noteId) => ({ kind: 'accept', noteId }))
    )
    return notes
  }

  /** Notes of one receivable beside its root note, in the second supplier's hands. */
  async heldOfOne(count: number): Promise<{ receivable: Registered; notes: bigint[]; size: bigint }> {
    const [receivable] = (await this.issued(1)) as [Registered]
    const size = 500_000_003n
    const offers = Array.from({ length: count }, () => this.transfer(receivable.rootId, size, 'second'))
    await this.actAll('supplier', offers)
    const notes = offers.map((_, i) => receivable.rootId + AMOUNT - size * BigInt(i + 1))
    await this.actAll(
      'second',
      notes.map((noteId) => ({ kind: 'accept', noteId }))
    )
    return { receivable, notes, size }
  }

  /** Notes of `PART` that the second supplier locked for the factor. */
  async locked(count: number, purpose?: LockPurpose): Promise<bigint[]> {
    const notes = await this.held(count)
    await this.actAll(
      'second',
      notes.map((noteId) => this.lock(noteId, PART, purpose))
    )
    return notes
  }

  /** A note that the factor financed. */
  async financed(purpose?: LockPurpose): Promise<bigint> {
    const [noteId] = (await this.locked(1, purpose)) as [bigint]
    await this.act('factor', { kind: 'finance', noteId, disbursement: this.hash() })
    return noteId
  }

  /** Every receivable there is has matured. */
  mature(): void {
    this.chain.skip(TENOR + DAY)
  }
}

/** A note that starts so much later. */
export function noteAt(noteId: bigint, start: bigint): bigint {
  return noteId - startOfNote(noteId) + start
}

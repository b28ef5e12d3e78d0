/** The programs of a firm whose people have no keys of their own: the service keeps one for each, the firm's own keys choose it. */
import { readFile } from 'node:fs/promises'
import { follow, logIn, sign, Api, type Output } from '../client/index.ts'
import { fromCommandLine, type Firm } from './open.ts'

export type ManagedKey = Output<'listManagedKeys'>['items'][number]
export type Duty = ManagedKey['duty']

/** Who administers, by a session of one of the firm's own keys: an API key administers nothing. */
export async function administrator({ participantId, signers, known }: Firm, baseUrl: string): Promise<Api> {
  const { token } = await logIn(new Api({ baseUrl }), { participantId, chainId: known.chainId }, signers[0]!)
  return new Api({ baseUrl, credential: () => token, patience: 30_000 })
}

/**
 * Has the service make a key for a user, and the account take it in by the firm's own keys. Run again, it goes on with the same key.
 * @param quorum How many of each duty have to sign for the firm, which stays as it is
 */
export async function takeIntoCustody(
  firm: Firm,
  admin: Api,
  { userId, duty, quorum }: { userId: string; duty: Duty; quorum: { makers: number; checkers: number } }
): Promise<ManagedKey> {
  const isChosen = (key: ManagedKey): boolean =>
    key.userId === userId && key.duty === duty && ['proposed', 'active', 'suspended'].includes(key.state)
  const find = async () => (await admin.call('listManagedKeys', {})).items.find(isChosen)
  if (!(await find())) await admin.call('createManagedKey', { body: { userId, duty, kind: 'p256' } })
  const { signer, intentId } = (await find())!
  const intent = await admin.call('getIntent', { intentId })
  // What is signed gives the account this key in this duty, takes none away and asks for as many signatures as before, whatever the api says.
  await sign(firm.api, intent, firm.signers, firm.known, (commands) => {
    const [change] = commands
    if (change?.kind !== 'changeSigners' || commands.length > 1) throw new Error(`${intentId} is something else`)
    const expected = [[{ signer, duty }], [], quorum.makers, quorum.checkers]
    const { added, removed, quorum: after } = change
    const presented = [
      added.map((one) => ({ signer: one.signer.toLowerCase(), duty: one.duty })),
      removed,
      after.makers,
      after.checkers
    ]
    if (JSON.stringify(presented) !== JSON.stringify(expected))
      throw new Error(`${intentId} gives the account other keys`)
  })
  await follow(firm.api, intentId)
  for (;;) {
    const key = await find()
    if (!key) throw new Error(`the account did not take the key ${signer}`)
    if (key.state !== 'proposed') return key
    await new Promise((resolve) => setTimeout(resolve, 150))
  }
}

/** Keys that can sign now: what the account has dropped is shown as none of its, and what nobody could ask about is not relied on. */
export async function usable(api: Api): Promise<ManagedKey[]> {
  const { items } = await api.call('listManagedKeys', {})
  return items.filter(({ state, isSigner }) => state === 'active' && isSigner === true)
}

/**
 * Signs with the user's key what waits for it.
 * @param user With the session of that user, from a login of the last 15 minutes by the firm's single sign-on
 * @param approve Of the words of each intent; those that it declines are left alone
 * @returns Ids of the intents that were signed
 */
export async function signWaiting(user: Api, approve: (words: string) => boolean): Promise<string[]> {
  const [key] = await usable(user)
  if (!key) throw new Error('no key in custody of yours can sign now')
  const { items } = await user.call('listIntents', {})
  const signed: string[] = []
  for (const { intentId, state, words, signatures } of items) {
    const isOpen = state === 'awaiting-signatures' && !signatures.includes(key.signer)
    if (!isOpen || !approve(words.en)) continue
    const body = { managedKey: key.managedKeyId }
    await user.call('signIntent', { intentId, body }, { key: `custody/${key.managedKeyId}/${intentId}` })
    signed.push(intentId)
  }
  return signed
}

if (import.meta.main) {
  const { firm, url, rest } = await fromCommandLine()
  const [command, ...args] = rest
  if (command === 'choose' && args.length === 4) {
    const [userId, duty, makers, checkers] = args as [string, Duty, string, string]
    const choice = { userId, duty, quorum: { makers: Number(makers), checkers: Number(checkers) } }
    const { managedKeyId, state } = await takeIntoCustody(firm, await administrator(firm, url), choice)
    console.log(`${managedKeyId} is ${state}`)
  } else if (command === 'sign' && args.length === 1) {
    const token = (await readFile(args[0]!, 'utf8')).trim()
    const user = new Api({ baseUrl: url, credential: () => token })
    console.log('signed', await signWaiting(user, () => true))
  } else throw new Error('say choose USER maker|checker MAKERS CHECKERS, or sign SESSION-TOKEN-FILE')
}

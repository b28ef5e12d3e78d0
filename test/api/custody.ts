/** Firms that have the service keep keys: their people, who come in by single sign-on, and what they ask for. */
import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect } from 'vitest'
import type { KeyKind } from '../../domain/participant/private-key.ts'
import type { SignerDuty } from '../../domain/participant/signers.ts'
import type { Intent } from '../../scripts/demo/client.ts'
import type { ApiConfig } from '../../api/config.ts'
import { startInstance, until, type Answer, type Instance, type Registered, type Request } from './instance.ts'
import { startProvider, type IdentityProvider } from './provider.ts'

export interface Person {
  userId: string
  /** A session's, of this moment. */
  token: string
}

export interface Key {
  managedKeyId: string
  userId: string
  duty: SignerDuty
  kind: KeyKind
  signer: string
  state: string
  isSigner: boolean
  certificateRequest: string | null
  intentId: string
  removalIntentId: string | null
}

export const bearer = (token: string): Request => ({ as: null, headers: { authorization: `Bearer ${token}` } })

export class Firm {
  readonly tally: Instance
  readonly provider: IdentityProvider
  readonly slug: string
  readonly participantId: number

  constructor(tally: Instance, provider: IdentityProvider, slug: string) {
    this.tally = tally
    this.provider = provider
    this.slug = slug
    this.participantId = tally.as(slug).participantId
  }

  /** Adds a person, by a session of the maker's key, and signs it in. */
  async hire(subject: string, duties: string[]): Promise<Person> {
    const { tally, provider } = this
    const body = { name: `User ${subject}`, duties, identity: { issuer: provider.issuer, subject } }
    const answer = await tally.call('/v1/users', { ...bearer(await tally.login(this.slug)), body })
    expect(answer.status, answer.text).toBe(201)
    return { userId: answer.body['userId'] as string, token: await this.signIn(subject) }
  }

  async signIn(subject: string): Promise<string> {
    const { tally, provider, participantId } = this
    const anybody = { as: null, key: null }
    const begun = await tally.call('/v1/sso/authorizations', { ...anybody, body: { participantId } })
    const back = await provider.signIn(begun.body['url'] as string, subject)
    const answer = await tally.call('/v1/sso/sessions', { ...anybody, body: back })
    expect(answer.status, answer.text).toBe(201)
    return answer.body['token'] as string
  }

  async keys(token: string): Promise<Key[]> {
    const { status, text, body } = await this.tally.call('/v1/managed-keys', bearer(token))
    expect(status, text).toBe(200)
    return body['items'] as Key[]
  }

  /** The key of an intent that chose it. */
  async chosenBy(token: string, intentId: string): Promise<Key> {
    return (await this.keys(token)).find((key) => key.intentId === intentId)!
  }

  async propose(token: string, body: object): Promise<Intent> {
    const answer = await this.tally.call('/v1/managed-keys', { ...bearer(token), body })
    expect(answer.status, answer.text).toBe(202)
    return answer.body as unknown as Intent
  }

  /** Chooses custody and has the firm's own keys sign it: a key in force. */
  async choose(token: string, user: Person, duty: SignerDuty, kind: KeyKind, more: object = {}): Promise<Key> {
    const proposed = await this.propose(token, { userId: user.userId, duty, kind, ...more })
    await this.signedByOwnKeys(proposed)
    return this.inState(token, proposed.intentId, 'active')
  }

  async inState(token: string, intentId: string, state: string): Promise<Key> {
    let key: Key | undefined
    await until(async () => (key = await this.chosenBy(token, intentId))?.state === state)
    return key!
  }

  async signedByOwnKeys(proposed: Intent): Promise<Intent> {
    const intent = await this.tally.as(this.slug).followUp(proposed, this.tally.newKey())
    expect(intent, JSON.stringify(intent.refusal)).toMatchObject({ state: 'projected', refusal: null })
    return intent
  }

  /** Has a key in custody sign, in the session of a token. */
  sign(token: string, intentId: string, managedKey: string, key = this.tally.newKey()): Promise<Answer> {
    return this.tally.call(`/v1/intents/${intentId}/signatures`, { ...bearer(token), key, body: { managedKey } })
  }

  act(token: string, key: Key, verb: string, body?: object): Promise<Answer> {
    const request = { ...bearer(token), method: 'POST', ...(body ? { body } : {}) }
    return this.tally.call(`/v1/managed-keys/${key.managedKeyId}/${verb}`, request)
  }

  async usesOf(
    token: string,
    key: Key
  ): Promise<{ intentId: string | null; quoteId: string | null; userId: string; digest: string }[]> {
    const { body } = await this.tally.call(`/v1/managed-keys/${key.managedKeyId}/uses`, bearer(token))
    return body['items'] as { intentId: string | null; quoteId: string | null; userId: string; digest: string }[]
  }

  /** Follows an intent to the projection. */
  async projected(token: string, intentId: string): Promise<Intent> {
    let intent: Intent | undefined
    await until(async () => {
      intent = (await this.tally.call(`/v1/intents/${intentId}`, bearer(token))).body as unknown as Intent
      return intent.state === 'projected' || intent.state === 'refused'
    })
    expect(intent, JSON.stringify(intent!.refusal)).toMatchObject({ state: 'projected' })
    return intent!
  }
}

/** An instance with single sign-on, and Meridian with people of its own: an administrator, a maker, a checker. */
export interface Custody {
  tally: Instance
  provider: IdentityProvider
  config: ApiConfig
  meridian: Firm
  alder: Firm
  /** Administers and signs nothing. */
  olga: Person
  anna: Person
  bert: Person
  /** Texts of all answers so far. */
  answers: string[]
}

export async function startCustody(): Promise<Custody> {
  const [tally, provider] = await Promise.all([startInstance(), startProvider()])
  const clientSecretFile = join(tally.dir, 'keys', 'sso.secret')
  writeFileSync(clientSecretFile, `${provider.clientSecret}\n`, { mode: 0o600 })
  const { issuer, clientId, redirectUri } = provider
  const [meridian, alder] = [new Firm(tally, provider, 'meridian'), new Firm(tally, provider, 'alder')]
  const sso = [meridian, alder].map(({ participantId }) => {
    return { participantId, issuer, clientId, clientSecretFile, redirectUri }
  })
  const config = { ...tally.config, sso, limits: { ...tally.config.limits, loginsPerMinute: 1_000 } }
  await tally.restartApi(config)
  const answers: string[] = []
  const call = tally.call.bind(tally)
  tally.call = async (path, request) => {
    const answer = await call(path, request)
    answers.push(answer.text)
    return answer
  }
  const olga = await meridian.hire('olga', ['admin'])
  const anna = await meridian.hire('anna', ['maker'])
  const bert = await meridian.hire('bert', ['checker'])
  return { tally, provider, config, meridian, alder, olga, anna, bert, answers }
}

/** A receivable that waits for Meridian, and the intent to confirm it, proposed by one of its people. */
export async function proposedConfirmation(
  tally: Instance,
  token: string
): Promise<{ registered: Registered; intentId: string }> {
  const registered = await tally.register()
  const path = `/v1/receivables/${registered.receivableId}/confirmation`
  const answer = await tally.call(path, { ...bearer(token), method: 'POST' })
  expect(answer.status, answer.text).toBe(202)
  return { registered, intentId: answer.body['intentId'] as string }
}

const run = promisify(execFile)

/** What a tool for live data prints. */
export async function look(tally: Instance, script: string): Promise<string> {
  const file = fileURLToPath(new URL(`../../${script}`, import.meta.url))
  return (await run(process.execPath, [file, '--database', tally.database.url])).stdout
}

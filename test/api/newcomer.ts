/** Somebody who is no participant yet: its keys, its application, and its logins once it is admitted. */
import { getBytes, hexlify } from 'ethers'
import { expect } from 'vitest'
import { publicKeyOf } from '../../domain/crypto/sm2.ts'
import { loginDigest, type LoginTypedData } from '../../domain/participant/login.ts'
import type { AccountSigner } from '../../domain/participant/signers.ts'
import { Client } from '../../scripts/demo/client.ts'
import { accountSignerOf, newPrivateKey, signDigest, type SignerKey } from '../../scripts/world/signing.ts'
import { until, type Answer, type Instance } from './instance.ts'

export type Applied = { applicationId: string; secret: string }

export function newKey(kind: SignerKey['kind'], duty: SignerKey['duty']): SignerKey {
  return { kind, duty, privateKey: newPrivateKey(kind) }
}

export class Newcomer {
  readonly tally: Instance
  readonly name: string
  readonly identifiers: string[]
  keys: SignerKey[]

  constructor(tally: Instance, name: string, identifiers: string[], keys: SignerKey[]) {
    this.tally = tally
    this.name = name
    this.identifiers = identifiers
    this.keys = keys
  }

  signers(keys = this.keys): AccountSigner[] {
    return keys.map((key) => accountSignerOf(key, this.tally.config.deployment))
  }

  application(more: object = {}): object {
    return {
      name: this.name,
      country: 'SE',
      roles: ['supplier'],
      identifiers: this.identifiers,
      signers: this.signers(),
      quorum: { makers: 1, checkers: this.keys.some(({ duty }) => duty === 'checker') ? 1 : 0 },
      encryptionKey: hexlify(publicKeyOf(getBytes(newPrivateKey('sm2')))),
      ...more
    }
  }

  async apply(more: object = {}): Promise<Applied> {
    const answer = await this.tally.call('/v1/applications', { as: null, key: null, body: this.application(more) })
    expect(answer.status, answer.text).toBe(201)
    return answer.body as Applied
  }

  async fateOf({ applicationId, secret }: Applied): Promise<Record<string, unknown>> {
    const headers = { 'application-secret': secret }
    return (await this.tally.call(`/v1/applications/${applicationId}`, { as: null, headers })).body
  }

  /** Its number, once the directory has it. */
  async admitted(applied: Applied): Promise<number> {
    let fate: Record<string, unknown> = {}
    await until(async () => (fate = await this.fateOf(applied))['state'] === 'admitted')
    return fate['participantId'] as number
  }

  /** A session's answer, by one of its keys. */
  async session(participantId: number, key = this.keys[0]!): Promise<Answer> {
    const { tally } = this
    const asked = await tally.call('/v1/login-challenges', { as: null, key: null, body: { participantId } })
    const { nonce, typedData } = asked.body as unknown as { nonce: string; typedData: LoginTypedData }
    const { signer, signature } = signDigest(key, loginDigest(typedData), tally.config.deployment)
    const body = { participantId, nonce, signature, ...(key.kind === 'secp256k1' ? {} : { signer }) }
    return tally.call('/v1/sessions', { as: null, key: null, body })
  }

  /** At the api with a session, signing with all its keys. */
  async client(participantId: number): Promise<Client> {
    const answer = await this.session(participantId)
    expect(answer.status, answer.text).toBe(201)
    const keys = { apiKey: answer.body['token'] as string, signers: this.keys }
    return new Client(this.tally.apiUrl, this.name, participantId, keys, this.tally.config.deployment)
  }
}

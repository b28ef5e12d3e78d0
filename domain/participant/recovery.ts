/** Keys that a registrar proposes for a participant that lost its own: the delay, and where a proposal stands. */
import { AbiCoder } from 'ethers/abi'
import { keccak256 } from 'ethers/crypto'
import type { Words } from '../intent/words.ts'
import { signerDuties, type AccountSigner, type Quorum } from './signers.ts'

/** The last four are final. `lapsed`: left longer than the delay after it could have been finished, or never signed. */
export const recoveryStates = ['proposed', 'pending', 'finished', 'vetoed', 'cancelled', 'lapsed'] as const
export type RecoveryState = (typeof recoveryStates)[number]

export interface Recovery {
  state: RecoveryState
  /** Unix seconds of block time, by the account's contract; null before it is on chain. */
  readyAt: number | null
  lastAt: number | null
}

/** How an account names a proposal: `ParticipantAccount.startRecovery`. 0x-hex. */
export function proposalOf(signers: readonly AccountSigner[], quorum: Quorum): string {
  const list = signers.map(({ signer, duty }) => [signer, signerDuties.indexOf(duty)])
  const types = ['tuple(bytes signer, uint8 duty)[]', 'tuple(uint8 makers, uint8 checkers)']
  return keccak256(AbiCoder.defaultAbiCoder().encode(types, [list, [quorum.makers, quorum.checkers]]))
}

/** Whether the proposed keys can be put in force at a time, unix seconds: `early` and `late` say why not. */
export function finishableAt({ state, readyAt, lastAt }: Recovery, at: number): 'yes' | 'early' | 'late' | 'no' {
  if (state !== 'pending' || readyAt === null || lastAt === null) return 'no'
  if (at < readyAt) return 'early'
  return at > lastAt ? 'late' : 'yes'
}

/** Where it stands and until when who can do what. `delay` in seconds, `at` the chain's time, unix seconds. */
export function recoveryWordsOf(recovery: Recovery, delay: number, at: number): Words {
  switch (recovery.state) {
    case 'proposed': {
      const days = delay / 86_400
      return {
        en: `Waits for the registrar’s signatures. The delay of ${days} days begins when it is on chain`,
        zh: `待登记处签名。上链后开始 ${days} 天延迟期`
      }
    }
    case 'pending': {
      const [ready, last] = [minuteOf(recovery.readyAt!), minuteOf(recovery.lastAt!)]
      if (finishableAt(recovery, at) === 'early') {
        return {
          en: `Until ${ready} the participant can veto it with the keys it has. From then until ${last} the new keys can be put in force`,
          zh: `${ready} 前参与方可用现有密钥否决；其后至 ${last} 新密钥可生效`
        }
      }
      return {
        en: `The delay is over: the new keys can be put in force until ${last}. Until that is done the participant can still veto`,
        zh: `延迟期已满：新密钥可于 ${last} 前生效；生效前参与方仍可否决`
      }
    }
    case 'finished':
      return { en: 'The new keys are in force, the old ones are none any more', zh: '新密钥已生效，旧密钥作废' }
    case 'vetoed':
      return { en: 'The participant vetoed it: its keys stay as they were', zh: '参与方已否决，密钥保持不变' }
    case 'cancelled':
      return { en: 'The registrar took it back, or proposed other keys', zh: '登记处已撤回，或已另行提议' }
    case 'lapsed':
      return { en: 'It was not put in force in time: it has to be proposed anew', zh: '逾期未生效，须重新提议' }
  }
}

function minuteOf(unixSeconds: number): string {
  return `${new Date(unixSeconds * 1000).toISOString().slice(0, 16).replace('T', ' ')} UTC`
}

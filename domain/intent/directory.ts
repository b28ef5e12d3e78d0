/** Commands about who is in the directory and by which keys: the registrar's, and the veto of who is to get other keys. */
import type { Result } from 'ethers'
import { contracts, type Deployment } from '../chain/contracts.ts'
import { bitsToRoles, rolesToBits, type Role } from '../participant/roles.ts'
import { signerDuties, type AccountSigner, type Quorum, type SignerDuty } from '../participant/signers.ts'
import type { Call } from './commands.ts'
import type { Words, WordsContext } from './words.ts'

/** Hashes 0x-hex; accounts are addresses. */
export type DirectoryCommand =
  | { kind: 'admit'; account: string; roles: readonly Role[]; legalIdentityHash: string; certificateHash: string }
  | { kind: 'createAccount'; signers: readonly AccountSigner[]; quorum: Quorum; salt: string }
  /** Has the SM2 verifier keep what makes each signature of the key (x ‖ y) cost less than half. */
  | { kind: 'prepareKey'; key: string }
  | { kind: 'suspend'; participantId: number }
  | { kind: 'reinstate'; participantId: number }
  | { kind: 'changeRoles'; participantId: number; roles: readonly Role[] }
  | { kind: 'startRecovery'; account: string; signers: readonly AccountSigner[]; quorum: Quorum }
  | { kind: 'cancelRecovery'; account: string }
  /** Called on the account itself, by anybody once the delay is over. */
  | { kind: 'finishRecovery'; account: string; signers: readonly AccountSigner[]; quorum: Quorum }
  /** The account's own no, with the keys that it has. */
  | { kind: 'vetoRecovery'; account: string }
  /** The account's own keys, by those that it has: the removed ones go before the added ones come. */
  | {
      kind: 'changeSigners'
      account: string
      added: readonly AccountSigner[]
      removed: readonly string[]
      quorum: Quorum
    }

const kinds = [
  'admit',
  'createAccount',
  'prepareKey',
  'suspend',
  'reinstate',
  'changeRoles',
  'startRecovery',
  'cancelRecovery',
  'finishRecovery',
  'vetoRecovery',
  'changeSigners'
] as const satisfies readonly DirectoryCommand['kind'][]

/** Where these commands go. A key file of before 2026-11-28 does not name them, and signs none. */
export type DirectoryTargets = Partial<Pick<Deployment, 'participants' | 'accountFactory' | 'sm2Verifier'>>

export function isDirectoryCommand(command: { kind: string }): command is DirectoryCommand {
  return (kinds as readonly string[]).includes(command.kind)
}

/** Order equals `IParticipants.Status`. */
const [ACTIVE, SUSPENDED] = [1, 2]

/** The contract call that carries out a command. @throws RangeError when the target is not known */
export function directoryCallOf(command: DirectoryCommand, targets: DirectoryTargets): Call {
  const { participants, accountFactory, participantAccount, sm2Verifier } = contracts
  const to = (name: keyof DirectoryTargets, data: string): Call => {
    const target = targets[name]
    if (target === undefined) throw new RangeError(`${command.kind} goes to ${name}, whose address is not known`)
    return { target, data }
  }
  switch (command.kind) {
    case 'admit': {
      const { account, roles, legalIdentityHash, certificateHash } = command
      const args = [account, rolesToBits(roles), legalIdentityHash, certificateHash]
      return to('participants', participants.encodeFunctionData('admit', args))
    }
    case 'suspend':
    case 'reinstate': {
      const status = command.kind === 'suspend' ? SUSPENDED : ACTIVE
      return to('participants', participants.encodeFunctionData('setStatus', [command.participantId, status]))
    }
    case 'changeRoles': {
      const args = [command.participantId, rolesToBits(command.roles)]
      return to('participants', participants.encodeFunctionData('setRoles', args))
    }
    case 'createAccount': {
      const args = [...keysOf(command), command.salt]
      return to('accountFactory', accountFactory.encodeFunctionData('create', args))
    }
    case 'startRecovery': {
      const args = [command.account, ...keysOf(command)]
      return to('accountFactory', accountFactory.encodeFunctionData('startRecovery', args))
    }
    case 'cancelRecovery':
      return to('accountFactory', accountFactory.encodeFunctionData('cancelRecovery', [command.account]))
    case 'prepareKey':
      return to('sm2Verifier', sm2Verifier.encodeFunctionData('prepare', [command.key]))
    case 'finishRecovery': {
      const data = participantAccount.encodeFunctionData('finishRecovery', keysOf(command))
      return { target: command.account, data }
    }
    case 'vetoRecovery':
      return { target: command.account, data: participantAccount.encodeFunctionData('endRecovery') }
    case 'changeSigners': {
      const [added, quorum] = keysOf({ signers: command.added, quorum: command.quorum })
      const data = participantAccount.encodeFunctionData('changeSigners', [added, command.removed, quorum])
      return { target: command.account, data }
    }
  }
}

function keysOf({ signers, quorum }: { signers: readonly AccountSigner[]; quorum: Quorum }): [object[], object] {
  return [signers.map(({ signer, duty }) => ({ signer, duty: signerDuties.indexOf(duty) })), quorum]
}

/** Which interface a target has; undefined for a contract of the registry itself. */
export function directoryAbiOf(target: string, targets: DirectoryTargets) {
  const is = (address: string | undefined): boolean => address?.toLowerCase() === target.toLowerCase()
  if (is(targets.participants)) return contracts.participants
  if (is(targets.accountFactory)) return contracts.accountFactory
  return is(targets.sm2Verifier) ? contracts.sm2Verifier : contracts.participantAccount
}

/** The command of a decoded call; undefined for a function that is none. */
export function directoryCommandOf(name: string, args: Result, target: string): DirectoryCommand | undefined {
  const text = (at: number): string => String(args[at])
  switch (name) {
    case 'admit': {
      const roles = rolesOf(args[1])
      return roles && { kind: 'admit', account: text(0), roles, legalIdentityHash: text(2), certificateHash: text(3) }
    }
    case 'setStatus': {
      const [participantId, status] = [Number(args[0]), Number(args[1])]
      if (status === SUSPENDED) return { kind: 'suspend', participantId }
      return status === ACTIVE ? { kind: 'reinstate', participantId } : undefined
    }
    case 'setRoles': {
      const roles = rolesOf(args[1])
      return roles && { kind: 'changeRoles', participantId: Number(args[0]), roles }
    }
    case 'create': {
      const keys = keysIn(args[0] as Result, args[1] as Result)
      return keys && { kind: 'createAccount', ...keys, salt: text(2) }
    }
    case 'startRecovery': {
      // The factory's names the account; the account's own of this name is the factory's to call.
      const keys = args.length === 3 ? keysIn(args[1] as Result, args[2] as Result) : undefined
      return keys && { kind: 'startRecovery', account: text(0), ...keys }
    }
    case 'cancelRecovery':
      return { kind: 'cancelRecovery', account: text(0) }
    case 'prepare':
      return { kind: 'prepareKey', key: text(0) }
    case 'finishRecovery': {
      const keys = keysIn(args[0] as Result, args[1] as Result)
      return keys && { kind: 'finishRecovery', account: target, ...keys }
    }
    case 'endRecovery':
      return { kind: 'vetoRecovery', account: target }
    case 'changeSigners': {
      const keys = keysIn(args[0] as Result, args[2] as Result)
      const removed = [...(args[1] as Result)].map(String)
      return keys && { kind: 'changeSigners', account: target, added: keys.signers, removed, quorum: keys.quorum }
    }
    default:
      return undefined
  }
}

/** Undefined where a bit is none of ours: what is shown must be all that is there. */
function rolesOf(bits: unknown): Role[] | undefined {
  const roles = bitsToRoles(Number(bits))
  return rolesToBits(roles) === Number(bits) ? roles : undefined
}

function keysIn(list: Result, quorum: Result): { signers: AccountSigner[]; quorum: Quorum } | undefined {
  const signers: AccountSigner[] = []
  for (const one of list) {
    const [signer, duty] = [String(one[0]), signerDuties[Number(one[1])]]
    if (duty === undefined || duty === 'none') return undefined
    signers.push({ signer, duty })
  }
  return { signers, quorum: { makers: Number(quorum[0]), checkers: Number(quorum[1]) } }
}

const roleWords: Record<Role, Words> = {
  debtor: { en: 'debtor', zh: '债务人' },
  supplier: { en: 'supplier', zh: '供应商' },
  factor: { en: 'factor', zh: '保理商' },
  clearing: { en: 'clearing agent', zh: '清算机构' },
  regulator: { en: 'regulator', zh: '监管机构' },
  evidence: { en: 'operator of the evidence log', zh: '存证运营方' },
  registrar: { en: 'registrar', zh: '登记处' }
}

export function roleWordsOf(roles: readonly Role[]): Words {
  return {
    en: roles.map((role) => roleWords[role].en).join(', '),
    zh: roles.map((role) => roleWords[role].zh).join('、')
  }
}

const dutyWords: Record<SignerDuty, Words> = {
  maker: { en: 'maker', zh: '经办' },
  checker: { en: 'checker', zh: '复核' }
}

/** Each key by its duty and its end: what people hold against the firm's letter. */
function keyWordsOf({ signers, quorum }: { signers: readonly AccountSigner[]; quorum: Quorum }): Words {
  const listed = (language: keyof Words): string =>
    signers.map(({ signer, duty }) => `${dutyWords[duty][language]} …${signer.slice(-12)}`).join(', ')
  const { makers, checkers } = quorum
  return {
    en: `keys ${listed('en')}; ${makers} maker and ${checkers} checker have to sign`,
    zh: `密钥 ${listed('zh')}；需经办 ${makers} 人、复核 ${checkers} 人签名`
  }
}

/** What an account's own change comes to, key by key. `nameOfKey`: what is known of a key beside its bytes. */
function changeWordsOf(
  { added, removed, quorum }: Extract<DirectoryCommand, { kind: 'changeSigners' }>,
  nameOfKey: WordsContext['nameOfKey']
): Words {
  const end = (signer: string): string => `…${signer.slice(-12)}`
  const known = (signer: string, language: keyof Words): string => {
    const name = nameOfKey?.(signer)
    if (!name) return ''
    return language === 'en' ? ` (${name.en})` : `（${name.zh}）`
  }
  const en = [
    ...added.map(({ signer, duty }) => `add the ${dutyWords[duty].en} key ${end(signer)}${known(signer, 'en')}`),
    ...removed.map((signer) => `remove the key ${end(signer)}${known(signer, 'en')}`)
  ]
  const zh = [
    ...added.map(({ signer, duty }) => `新增${dutyWords[duty].zh}密钥 ${end(signer)}${known(signer, 'zh')}`),
    ...removed.map((signer) => `移除密钥 ${end(signer)}${known(signer, 'zh')}`)
  ]
  const { makers, checkers } = quorum
  return {
    en: `${en.join(', ')}; ${makers} maker and ${checkers} checker have to sign`,
    zh: `${zh.join('，')}；需经办 ${makers} 人、复核 ${checkers} 人签名`
  }
}

/** What will happen, for the person who signs. */
export function directoryWordsOf(command: DirectoryCommand, context: WordsContext): Words {
  const { nameOf, nameOfAccount, nameOfKey } = context
  const whose = (account: string): string => {
    const name = nameOfAccount?.(account)
    return name === undefined ? account : `${name} (${account})`
  }
  switch (command.kind) {
    case 'admit': {
      const roles = roleWordsOf(command.roles)
      const [account, identity] = [whose(command.account), command.legalIdentityHash.slice(0, 12)]
      return {
        en: `Admit the account ${account} as a participant: ${roles.en}; identity ${identity}…`,
        zh: `准入账户 ${account} 为参与方：${roles.zh}；身份哈希 ${identity}…`
      }
    }
    case 'createAccount': {
      const keys = keyWordsOf(command)
      return { en: `Create its account with the ${keys.en}`, zh: `以下列密钥开立账户：${keys.zh}` }
    }
    case 'prepareKey': {
      const end = command.key.slice(-12)
      return { en: `Prepare the SM2 key …${end} for cheaper signatures`, zh: `预备 SM2 密钥 …${end}，降低验签费用` }
    }
    case 'suspend': {
      const name = nameOf(command.participantId)
      return {
        en: `Suspend ${name}: it keeps what it holds and can do nothing until it is reinstated`,
        zh: `暂停${name}：其持有不变，恢复前不得办理任何业务`
      }
    }
    case 'reinstate': {
      const name = nameOf(command.participantId)
      return { en: `Reinstate ${name}: it may act again`, zh: `恢复${name}：可重新办理业务` }
    }
    case 'changeRoles': {
      const [name, roles] = [nameOf(command.participantId), roleWordsOf(command.roles)]
      return {
        en: `Give ${name} these roles and no others: ${roles.en}`,
        zh: `将${name}的角色改为（仅限）：${roles.zh}`
      }
    }
    case 'startRecovery': {
      const [name, keys] = [whose(command.account), keyWordsOf(command)]
      return {
        en: `Propose other keys for ${name}: ${keys.en}. Until the delay is over it can veto them with the keys it has`,
        zh: `提议更换${name}的密钥：${keys.zh}。延迟期届满前，其可用现有密钥否决`
      }
    }
    case 'cancelRecovery': {
      const name = whose(command.account)
      return { en: `Take back the proposed keys for ${name}`, zh: `撤回对${name}的换钥提议` }
    }
    case 'finishRecovery': {
      const [name, keys] = [whose(command.account), keyWordsOf(command)]
      return {
        en: `Put the proposed keys of ${name} in force, its old ones are none any more: ${keys.en}`,
        zh: `使${name}的新密钥生效，旧密钥作废：${keys.zh}`
      }
    }
    case 'vetoRecovery': {
      const name = whose(command.account)
      return {
        en: `Veto the proposed keys for ${name}: its keys stay as they are`,
        zh: `否决对${name}的换钥提议，密钥保持不变`
      }
    }
    case 'changeSigners': {
      const [name, changes] = [whose(command.account), changeWordsOf(command, nameOfKey)]
      return { en: `Change the keys of ${name}: ${changes.en}`, zh: `变更${name}的密钥：${changes.zh}` }
    }
  }
}

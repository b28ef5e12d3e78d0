/** Accounts of participants, and keys that the registrar proposes for them. */
import { Contract, id, Wallet, ZeroHash } from 'ethers'
import { contracts } from '../../domain/chain/contracts.ts'
import type { World } from './world.ts'

const quorum = { makers: 1, checkers: 0 }

/** One key and its quorum, as the contracts take them. */
export const keysNamed = (name: string) => [[{ signer: new Wallet(id(name)).address, duty: 1 }], quorum] as const

/** Far more than any of these takes: an estimate holds for its second only, since a time that is stored again unchanged costs less. */
const gasLimit = 10_000_000

/** By the administrator, mined. */
export async function sendTo(
  world: World,
  at: string,
  abi: 'accountFactory' | 'participantAccount',
  name: string,
  ...args: readonly unknown[]
): Promise<void> {
  const call = new Contract(at, contracts[abi], world.admin).getFunction(name)
  const sent = await call.send(...args, { gasPrice: 0, gasLimit })
  await sent.wait()
}

export async function createAccount(world: World, name: string): Promise<string> {
  const { accountFactory } = world.deployment
  const at = new Contract(accountFactory, contracts.accountFactory, world.provider)
  const account = (await at.getFunction('addressOf')(...keysNamed(name), ZeroHash)) as string
  await sendTo(world, accountFactory, 'accountFactory', 'create', ...keysNamed(name), ZeroHash)
  return account
}

export function proposeKeys(world: World, account: string, name: string): Promise<void> {
  const { accountFactory } = world.deployment
  return sendTo(world, accountFactory, 'accountFactory', 'startRecovery', account, ...keysNamed(name))
}

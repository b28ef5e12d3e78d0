import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import type { InterfaceAbi } from 'ethers'

/** Contracts of ours that are deployed or called, by name. */
export const deployableContracts = [
  'Participants',
  'Fingerprints',
  'Receivables',
  'EvidenceLog',
  'ParticipantAccount',
  'AccountFactory',
  'SM2Verifier'
] as const
export type ContractName = (typeof deployableContracts)[number]

/** Every contract that stands on a chain. */
export const deployedContracts = [...deployableContracts, 'AccessManager', 'P256Verifier'] as const
export type DeployedName = (typeof deployedContracts)[number]

export interface Artifact {
  abi: InterfaceAbi
  /** Creation code, 0x-prefixed. */
  bytecode: string
}

const folders: Partial<Record<string, string>> = {
  ParticipantAccount: 'contracts/accounts/ParticipantAccount.sol',
  AccountFactory: 'contracts/accounts/AccountFactory.sol',
  P256Verifier: 'contracts/accounts/P256Verifier.sol',
  SM2Verifier: 'contracts/guomi/SM2Verifier.sol',
  AccessManager: '@openzeppelin/contracts/access/manager/AccessManager.sol'
}

/** What the compiler made of a contract; `npm run build` makes it. */
export async function contractArtifact(name: DeployedName): Promise<Artifact> {
  const { abi, bytecode } = JSON.parse(await readFile(artifactFileOf(name), 'utf8')) as Artifact
  return { abi, bytecode }
}

export function artifactFileOf(name: DeployedName): string {
  const folder = folders[name] ?? `contracts/${name}.sol`
  return fileURLToPath(new URL(`../../artifacts/${folder}/${name}.json`, import.meta.url))
}

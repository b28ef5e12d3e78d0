import { expect } from 'chai'
import { it } from 'vitest'
import { roleBits, rolesToBits, type Role } from '../../domain/participant/roles.ts'
import { ethers } from './world.ts'

it('the contract and the domain give each role the same bit', async () => {
  const harness = await ethers.deployContract('StatesHarness')
  const bits: bigint[] = await harness.getFunction('roleBits')()
  const all = rolesToBits(Object.keys(roleBits) as Role[])
  expect(bits.map(Number)).to.deep.equal([...Object.values(roleBits), all])
})

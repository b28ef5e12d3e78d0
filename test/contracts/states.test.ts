import { expect } from 'chai'
import { describe, it } from 'vitest'
import { noteMoves, noteStates } from '../../domain/note/note-states.ts'
import { receivableMoves, receivableStates } from '../../domain/receivable/receivable-states.ts'
import { ethers } from './world.ts'

const harness = await ethers.deployContract('StatesHarness')

describe('the table of notes', () => {
  it.each(noteStates)('the contract and the domain allow the same moves from %s', async (from) => {
    const bitmap: bigint = await harness.getFunction('reachableFromNote')(noteStates.indexOf(from))
    expect(noteStates.filter((_, i) => (bitmap >> BigInt(i)) & 1n)).to.deep.equal(noteMoves[from])
    expect(bitmap >> BigInt(noteStates.length)).to.equal(0n)
  })

  it.each(noteStates)('the contract has a state numbered as %s is in the domain', async (from) => {
    await expect(harness.getFunction('requireNoteEdge')(7, noteStates.indexOf(from), noteStates.indexOf('none')))
      .to.be.revertedWithCustomError(harness, 'NoteTransitionForbidden')
      .withArgs(7, noteStates.indexOf(from), 0)
  })

  it('the contract has no state beyond those of the domain', async () => {
    await expect(harness.getFunction('reachableFromNote')(noteStates.length)).to.be.revertedWithoutReason(ethers)
  })
})

describe('the table of receivables', () => {
  it.each(receivableStates)('the contract and the domain allow the same moves from %s', async (from) => {
    const bitmap: bigint = await harness.getFunction('reachableFromReceivable')(receivableStates.indexOf(from))
    expect(receivableStates.filter((_, i) => (bitmap >> BigInt(i)) & 1n)).to.deep.equal(receivableMoves[from])
    expect(bitmap >> BigInt(receivableStates.length)).to.equal(0n)
  })

  it.each(receivableStates)('no move leads from %s back to none', async (from) => {
    await expect(harness.getFunction('requireReceivableEdge')(7, receivableStates.indexOf(from), 0))
      .to.be.revertedWithCustomError(harness, 'ReceivableTransitionForbidden')
      .withArgs(7, receivableStates.indexOf(from), 0)
  })

  it('the contract has no state beyond those of the domain', async () => {
    const beyond = harness.getFunction('reachableFromReceivable')(receivableStates.length)
    await expect(beyond).to.be.revertedWithoutReason(ethers)
  })
})

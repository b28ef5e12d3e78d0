import { expect } from 'chai'
import { describe, it } from 'vitest'
import { canNoteMove, noteMoves, noteStates } from '../../domain/note/note-states.ts'
import { canReceivableMove, receivableMoves, receivableStates } from '../../domain/receivable/receivable-states.ts'
import { ethers } from './world.ts'

const harness = await ethers.deployContract('StatesHarness')

describe('the table of notes', () => {
  it.each(noteStates)('the contract and the domain allow the same moves from %s', async (from) => {
    const bitmap: bigint = await harness.getFunction('reachableFromNote')(noteStates.indexOf(from))
    expect(noteStates.filter((_, i) => (bitmap >> BigInt(i)) & 1n)).to.deep.equal(noteMoves[from])
    expect(bitmap >> BigInt(noteStates.length)).to.equal(0n)
  })

  it.each(noteStates)('the contract refuses exactly the moves from %s that the domain does not have', async (from) => {
    for (const to of noteStates) {
      const edge = harness.getFunction('requireNoteEdge')(7, noteStates.indexOf(from), noteStates.indexOf(to))
      if (canNoteMove(from, to)) await edge
      else {
        await expect(edge)
          .to.be.revertedWithCustomError(harness, 'NoteTransitionForbidden')
          .withArgs(7, noteStates.indexOf(from), noteStates.indexOf(to))
      }
    }
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

  it.each(receivableStates)(
    'the contract refuses exactly the moves from %s that the domain does not have',
    async (from) => {
      for (const to of receivableStates) {
        const indexes = [receivableStates.indexOf(from), receivableStates.indexOf(to)] as const
        const edge = harness.getFunction('requireReceivableEdge')(7, ...indexes)
        if (canReceivableMove(from, to)) await edge
        else {
          await expect(edge)
            .to.be.revertedWithCustomError(harness, 'ReceivableTransitionForbidden')
            .withArgs(7, ...indexes)
        }
      }
    }
  )

  it('the contract has no state beyond those of the domain', async () => {
    const beyond = harness.getFunction('reachableFromReceivable')(receivableStates.length)
    await expect(beyond).to.be.revertedWithoutReason(ethers)
  })
})

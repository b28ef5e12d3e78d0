import { describe, expect, it } from 'vitest'
import { judge, type Simulation } from '../../api/relayer/judge.ts'

const reverts = (name: string, args: Record<string, string>): Simulation => ({
  kind: 'reverts',
  refusal: { name, args }
})

describe('the verdict on a call that waits to be sent', () => {
  it('is to send it when it passes', () => {
    expect(judge({ kind: 'passes', gasLimit: 1n })).toBe('send')
  })

  it('is to refuse it when a contract does', () => {
    expect(judge(reverts('NotePartyMismatch', { noteId: '1', presented: '2', required: '3' }))).toBe('refuse')
  })

  it.each([
    ['NoteNotMatured', 'maturity'],
    ['ReceivableNotMatured', 'maturity'],
    ['NoteDeadlinePending', 'required']
  ])('is to try again when block time is a moment behind: %s', (name, limit) => {
    expect(judge(reverts(name, { presented: '999', [limit]: '1000' }))).toBe('later')
    expect(judge(reverts(name, { presented: '970', [limit]: '1000' }))).toBe('later')
    expect(judge(reverts(name, { presented: '969', [limit]: '1000' }))).toBe('refuse')
  })
})

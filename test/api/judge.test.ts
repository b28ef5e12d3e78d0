import { describe, expect, it } from 'vitest'
import { judge, type Simulation } from '../../api/relayer/judge.ts'

const reverts = (name: string, args: Record<string, string>): Simulation => ({
  kind: 'reverts',
  refusal: { name, args }
})

describe('the verdict on a call that waits to be sent', () => {
  it('is to send it when it passes', () => {
    expect(judge({ kind: 'passes', gasLimit: 1n }, 0)).toBe('send')
    expect(judge({ kind: 'passes', gasLimit: 1n }, 3)).toBe('send')
  })

  it('is final when a contract refuses and nothing is on its way, and waits for what is', () => {
    const refused = reverts('NotePartyMismatch', { noteId: '1', presented: '2', required: '3' })
    expect(judge(refused, 0)).toBe('refuse')
    expect(judge(refused, 1)).toBe('wait')
  })

  it.each([
    ['NoteNotMatured', 'maturity'],
    ['ReceivableNotMatured', 'maturity'],
    ['NoteDeadlinePending', 'required']
  ])('is to try again when block time is a moment behind: %s', (name, limit) => {
    expect(judge(reverts(name, { presented: '999', [limit]: '1000' }), 0)).toBe('later')
    expect(judge(reverts(name, { presented: '970', [limit]: '1000' }), 2)).toBe('later')
    expect(judge(reverts(name, { presented: '969', [limit]: '1000' }), 0)).toBe('refuse')
  })
})

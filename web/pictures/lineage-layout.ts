/** Where the notes of a lineage stand in its picture. */
import type { Output } from '../../client/api.ts'

export type Lineage = Output<'getReceivableLineage'>
export type Piece = Lineage['pieces'][number]

export interface Placed {
  piece: Piece
  /** Its place in `pieces`, by which others name it. */
  index: number
  /** From the top: a row each, so that no line crosses a box. */
  row: number
  /** From the left: one a tier, and one more for each cut within a tier. */
  column: number
}

/** Each piece below the one that it was cut from, its own descendants before the next: as a family tree is told. */
export function layoutOf(pieces: readonly Piece[]): Placed[] {
  const children = new Map<number | null, number[]>()
  for (const [index, { parent }] of pieces.entries()) children.set(parent, [...(children.get(parent) ?? []), index])
  const placed: Placed[] = []
  const place = (index: number, above: Placed | undefined): void => {
    const piece = pieces[index]!
    const isSameTier = above !== undefined && piece.tier <= above.piece.tier
    const column = above === undefined ? piece.tier : above.column + (isSameTier ? 1 : piece.tier - above.piece.tier)
    const own = { piece, index, row: placed.length, column }
    placed.push(own)
    const below = (children.get(index) ?? []).sort((a, b) => compare(pieces[a]!.start, pieces[b]!.start))
    for (const child of below) place(child, own)
  }
  for (const root of children.get(null) ?? []) place(root, undefined)
  return placed
}

function compare(a: string, b: string): number {
  return BigInt(a) < BigInt(b) ? -1 : 1
}

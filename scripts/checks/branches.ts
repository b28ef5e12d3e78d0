import type { AstNode } from '../world/compiled.ts'

export interface MarkedSource {
  /** The source with a statement `true;`, alone on its line, at the start of each branch. */
  readonly text: string
  /** Line of such a statement → which side of its `if` it is. */
  readonly branches: ReadonlyMap<number, string>
  /** Line of the original that a line of the text comes from. */
  lineOf(line: number): number
}

interface Insertion {
  at: number
  text: string
  /** It begins a branch; else it ends one. */
  opens: boolean
  depth: number
  side?: string
}

/** Gives each `if` of the source both branches, each with a statement that shows whether it was taken. */
export function markBranches(source: string, tree: AstNode | undefined): MarkedSource {
  const bytes = Buffer.from(source)
  const insertions = tree ? ifsOf(tree).flatMap((node, depth) => insertionsFor(node, bytes, depth)) : []
  // Found outermost first. Where one `if` ends with another, the inner one ends first.
  const ordered = insertions.sort((a, b) => a.at - b.at || Number(a.opens) - Number(b.opens) || b.depth - a.depth)
  const parts: string[] = []
  const origins: number[] = [1]
  const branches = new Map<number, string>()
  let original = 1
  let done = 0
  const take = (end: number) => {
    const text = bytes.subarray(done, end).toString()
    for (const character of text) if (character === '\n') origins.push(++original)
    parts.push(text)
    done = end
  }
  for (const { at, text, side } of ordered) {
    take(at)
    parts.push(text)
    for (const [i] of text.split('\n').slice(1).entries()) {
      origins.push(original)
      // The marker is the first whole line of what is inserted.
      if (side !== undefined && i === 0) branches.set(origins.length, side)
    }
  }
  take(bytes.length)
  return { text: parts.join(''), branches, lineOf: (line) => origins[line - 1]! }
}

const marker = '\ntrue;\n'

function insertionsFor(node: AstNode, bytes: Buffer, depth: number): Insertion[] {
  const body = node['trueBody'] as AstNode
  const other = node['falseBody'] as AstNode | null | undefined
  const holds = 'when it holds'
  const fails = 'when it does not hold'
  const open = (at: number, text: string, side: string) => ({ at, text, opens: true, depth, side })
  const opening = (branch: AstNode, side: string) =>
    branch.nodeType === 'Block' ? open(startOf(branch) + 1, marker, side) : open(startOf(branch), `{${marker}`, side)
  const closing = (branch: AstNode) => (branch.nodeType === 'Block' ? '' : '}')
  const close = (branch: AstNode) => ({ at: endOf(branch, bytes), text: closing(branch), opens: false, depth })
  if (other) return [opening(body, holds), close(body), opening(other, fails), close(other)]
  const text = `${closing(body)} else {${marker}}`
  return [opening(body, holds), { ...close(body), text, side: fails }]
}

function ifsOf(node: unknown): AstNode[] {
  if (Array.isArray(node)) return node.flatMap(ifsOf)
  if (typeof node !== 'object' || node === null) return []
  const inner = Object.values(node).flatMap(ifsOf)
  return (node as AstNode).nodeType === 'IfStatement' ? [node as AstNode, ...inner] : inner
}

function startOf({ src }: AstNode): number {
  return Number(src.split(':')[0])
}

/** A statement's range may leave its semicolon out. */
function endOf({ src }: AstNode, bytes: Buffer): number {
  const [start, length] = src.split(':').map(Number)
  const end = start! + length!
  return bytes[end] === 0x3b ? end + 1 : end
}

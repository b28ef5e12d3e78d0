/** Lists come in pages; a console page shows them whole up to a bound. */
const MAX_PAGES = 10

/** All items of a list, from its pages of 200. */
export async function everyPage<T>(
  load: (page: { limit: string; after?: string }) => Promise<{ items: T[]; next: string | null }>
): Promise<T[]> {
  const items: T[] = []
  let after: string | undefined
  for (let page = 0; page < MAX_PAGES; page++) {
    const answer = await load(after === undefined ? { limit: '200' } : { limit: '200', after })
    items.push(...answer.items)
    if (answer.next === null) break
    after = answer.next
  }
  return items
}

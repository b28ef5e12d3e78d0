import { afterEach, describe, expect, it } from 'vitest'
import { DocumentReading, mediaTypeOf } from '../../api/documents/reading.ts'
import { bytesOf, cii, edifact, ofd, pdf, ubl } from '../domain/documents/samples.ts'

let reading: DocumentReading | undefined
afterEach(async () => {
  await reading?.close()
  reading = undefined
})

/** Takes a reader far longer than a millisecond and far more than a few megabytes. */
const large = bytesOf(ubl({ extra: '<a b="c">d</a>'.repeat(150_000) }))
const small = bytesOf(ubl())

describe('reading in a thread', () => {
  it('gives what the reader gives, amounts as integers', async () => {
    reading = new DocumentReading()
    expect(await reading.read(small)).toMatchObject({ number: 'LM-2026/0017', payable: 119000n })
    expect(
      (await Promise.all([reading.read(ofd()), reading.read(bytesOf(cii()))])).map(({ format }) => format)
    ).toEqual(['CN-OFD', 'CII'])
  })

  it('refuses as the reader refuses', async () => {
    reading = new DocumentReading()
    await expect(reading.read(bytesOf('<x/>'))).rejects.toMatchObject({
      name: 'DocumentRefused',
      code: 'DOCUMENT_KIND_UNKNOWN',
      presented: 'x'
    })
  })

  it('ends a file that takes too long, and reads the next', async () => {
    reading = new DocumentReading({ milliseconds: 50, heapMegabytes: 192 })
    const [slow, next] = await Promise.allSettled([reading.read(large), reading.read(bytesOf('<x/>'))])
    expect(slow).toMatchObject({ status: 'rejected', reason: { code: 'DOCUMENT_TOO_SLOW' } })
    expect(next).toMatchObject({ status: 'rejected', reason: { code: 'DOCUMENT_KIND_UNKNOWN' } })
  })

  it('ends a file that takes too much memory, and reads the next', async () => {
    reading = new DocumentReading({ milliseconds: 20_000, heapMegabytes: 20 })
    const [heavy, next] = await Promise.allSettled([reading.read(large), reading.read(small)])
    expect(heavy).toMatchObject({ status: 'rejected', reason: { code: 'DOCUMENT_TOO_HEAVY' } })
    expect(next).toMatchObject({ status: 'fulfilled' })
  })
})

describe('the media type', () => {
  it.each([
    ['application/xml', bytesOf(`\ufeff${ubl()}`)],
    ['application/pdf', pdf({ 'factur-x.xml': bytesOf(cii()) })],
    ['application/ofd', ofd()],
    ['application/edifact', bytesOf(edifact())],
    ['text/csv', bytesOf('\ufeffInvoice No,Currency\nA-1,EUR\n')]
  ])('%s is told by the content', (type, bytes) => {
    expect(mediaTypeOf(bytes)).toBe(type)
  })
})

import type { FastifyInstance, FastifyRequest } from 'fastify'
import { ApiError } from './errors.ts'

/** Largest file of any kind that is taken whole. Bytes. */
const FILE_LIMIT = 16 << 20

/** For routes whose body is a file of any kind: it comes as it is, whatever the header calls it. */
export function takeFiles(app: FastifyInstance): void {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: FILE_LIMIT }, (_request, body, done) =>
    done(null, body)
  )
}

/** The file that came. Throws ApiError MEDIA_TYPE_UNSUPPORTED when none did. */
export function fileOf({ body }: Pick<FastifyRequest, 'body'>): Uint8Array {
  if (body instanceof Uint8Array && body.length > 0) return body
  throw new ApiError('MEDIA_TYPE_UNSUPPORTED', { field: 'body', required: 'the file, with a Content-Type' })
}

/** What the header calls a file, without its parameters. */
export function mediaTypeNamed({ headers }: Pick<FastifyRequest, 'headers'>): string {
  const name = headers['content-type']?.split(';')[0]!.trim().toLowerCase() ?? ''
  return /^[a-z]{1,32}\/[a-z0-9.+-]{1,90}$/.test(name) ? name : 'application/octet-stream'
}

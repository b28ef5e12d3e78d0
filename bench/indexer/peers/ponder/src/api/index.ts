/** Ponder wants one; nothing is asked of it but `/ready`, which it has by itself. */
import { Hono } from 'hono'

export default new Hono()

import type { FastifyPluginAsync } from 'fastify'
import type { Services } from '../app.ts'
import { bookRoutes } from './book-routes.ts'
import { duplicateRoutes } from './duplicate-routes.ts'
import { limitRoutes } from './limit-routes.ts'
import { quoteRoutes } from './quote-routes.ts'
import { requestRoutes } from './request-routes.ts'

/** Factoring: from the question for money to the lock, and what a factor keeps an eye on. */
export function factoringRoutes(services: Services): FastifyPluginAsync {
  return async (app) => {
    await app.register(requestRoutes(services))
    await app.register(quoteRoutes(services))
    await app.register(limitRoutes(services))
    await app.register(duplicateRoutes(services))
    await app.register(bookRoutes(services))
  }
}

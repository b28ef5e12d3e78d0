import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { Services } from '../app.ts'
import { matchRoutes } from './match-routes.ts'
import { maturityRoutes } from './maturities.ts'
import { paymentRunRoutes } from './payment-run-routes.ts'
import { settlementRoutes } from './settlement-routes.ts'
import { statementRoutes } from './statement-routes.ts'

/** From what falls due to the books of the day: maturities, payment runs, statements, matches, settlements, reconciliation. */
export function allSettlementRoutes(services: Services): FastifyPluginAsyncTypebox {
  return async (app) => {
    await app.register(maturityRoutes(services))
    await app.register(paymentRunRoutes(services))
    await app.register(statementRoutes(services))
    await app.register(matchRoutes(services))
    await app.register(settlementRoutes(services))
  }
}

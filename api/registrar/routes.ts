import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { Services } from '../app.ts'
import { registrarApplicationRoutes } from './application-routes.ts'
import { accountNode } from './node.ts'
import { standingRoutes } from './standing-routes.ts'

/** What the registrar does, and what the one concerned sees of it. */
export function registrarRoutes(services: Services): FastifyPluginAsyncTypebox {
  const { rpcUrl, deployment } = services.config
  const node = accountNode(rpcUrl, deployment.accountFactory)
  return async (app) => {
    await app.register(registrarApplicationRoutes(services, node))
    await app.register(standingRoutes(services, node))
  }
}

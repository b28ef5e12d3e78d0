/** Every page of the console. A subject's folder says its own; here they are only put together, in the order of the navigation. */
import { bankPages } from '../bank/pages.ts'
import { bookPages } from '../book/pages.ts'
import { fundingPages } from '../funding/pages.ts'
import { notePages } from '../note/pages.ts'
import { offerPages } from '../offers/pages.ts'
import { payablePages } from '../payables/pages.ts'
import { picturePages } from '../pictures/pages.ts'
import { positionPages } from '../positions/pages.ts'
import { receivablePages } from '../receivable/pages.ts'
import { regulatorPages } from '../regulator/pages.ts'
import { registerPages } from '../register/pages.ts'
import { registrarPages } from '../registrar/pages.ts'
import { requestPages } from '../requests/pages.ts'
import { taskPages } from '../tasks/pages.ts'
import type { Route } from './route.tsx'

export const routes: readonly Route[] = [
  ...payablePages,
  ...requestPages,
  ...bookPages,
  ...positionPages,
  ...registerPages,
  ...receivablePages,
  ...notePages,
  ...offerPages,
  ...registrarPages,
  ...bankPages,
  ...regulatorPages,
  ...picturePages,
  ...fundingPages,
  ...taskPages
]

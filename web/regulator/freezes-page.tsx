import { useState } from 'preact/hooks'
import type { Api } from '../../client/api.ts'
import type { Intent } from '../../client/operations.generated.ts'
import { Link } from '../app/link.tsx'
import { defineText, language, useText } from '../i18n/language.ts'
import { everyPage } from '../live/pages.ts'
import { useLive } from '../live/live.ts'
import { api, may } from '../login/session.ts'
import { requestSignatures } from '../signing/request.ts'
import { DataTable } from '../ui/data-table.tsx'
import { Empty } from '../ui/empty.tsx'
import { Loaded } from '../ui/loaded.tsx'
import { Page } from '../ui/page.tsx'
import { OrderCheckDialog } from './order-check.tsx'
import { OutstandingTable } from './outstanding-page.tsx'

const text = defineText({
  title: { en: 'Orders', zh: '司法指令' },
  lead: {
    en: 'Freezes in force, and orders that wait for the second person.',
    zh: '生效中的冻结，以及待第二人签署的指令。'
  },
  waiting: { en: 'Waiting for the second person', zh: '待第二人签署' },
  what: { en: 'Order', zh: '指令' },
  sign: { en: 'Read and counter-sign', zh: '查看并复核签署' },
  check: { en: 'Check the document', zh: '核对文书' },
  frozen: { en: 'Frozen notes', zh: '已冻结的凭证' },
  none: { en: 'No freeze is in force', zh: '没有生效中的冻结' },
  noneHint: {
    en: 'To freeze: find the receivable or note under “Search”, open the note, and choose “Freeze by order”.',
    zh: '冻结步骤：在“查询”页找到应收账款或凭证，打开凭证，选择“依文书冻结”。'
  },
  search: { en: 'To the search', zh: '前往查询' }
})

async function loadOrders(api: Api, signal: AbortSignal) {
  const [frozen, { items }] = await Promise.all([
    everyPage((page) => api.call('listOutstanding', { only: 'frozen', ...page }, { signal })),
    api.call('listIntents', { limit: '100' }, { signal })
  ])
  return { frozen, waiting: items.filter(({ state }) => state === 'awaiting-signatures') }
}

/** What an authority has ordered. */
export function FreezesPage() {
  const t = useText(text)
  const [checked, setChecked] = useState<Intent>()
  const live = useLive('orders', (signal) => loadOrders(api, signal))
  return (
    <Page title={t.title} lead={t.lead}>
      <Loaded live={live}>
        {({ frozen, waiting }) => (
          <>
            {waiting.length > 0 && (
              <DataTable
                caption={t.waiting}
                rows={waiting}
                keyOf={({ intentId }) => intentId}
                columns={[
                  { title: t.what, cell: ({ words }) => words[language.value] },
                  {
                    title: t.sign,
                    cell: (intent) => (
                      <div class="commands">
                        {may('sign') && (
                          <button type="button" onClick={() => void requestSignatures([intent])}>
                            {t.sign}
                          </button>
                        )}
                        <button type="button" onClick={() => setChecked(intent)}>
                          {t.check}
                        </button>
                      </div>
                    )
                  }
                ]}
              />
            )}
            {checked && <OrderCheckDialog intent={checked} onClose={() => setChecked(undefined)} />}
            {frozen.length === 0 ? (
              <Empty title={t.none}>
                <p>{t.noneHint}</p>
                <p>
                  <Link to="/app/search" class="button">
                    {t.search}
                  </Link>
                </p>
              </Empty>
            ) : (
              <OutstandingTable rows={frozen} caption={t.frozen} />
            )}
          </>
        )}
      </Loaded>
    </Page>
  )
}

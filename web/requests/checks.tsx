import { base64Of } from '#encoding'
import { useState } from 'preact/hooks'
import type { Output } from '../../client/api.ts'
import type { FundingRequest } from '../funding/types.ts'
import { alarmRuleWords } from '../funding/words.ts'
import { defineText, useText } from '../i18n/language.ts'
import { api } from '../login/session.ts'
import { useAct } from '../ui/act.ts'
import { DropZone } from '../ui/drop-zone.tsx'
import { Problem } from '../ui/problem.tsx'

const text = defineText({
  title: { en: 'Checks', zh: '核查' },
  noAlarms: { en: 'No near-duplicate alarm on this receivable.', zh: '该应收账款没有疑似重复预警。' },
  alarms: { en: 'Near-duplicate alarms on this receivable', zh: '该应收账款的疑似重复预警' },
  alarmsHint: {
    en: 'Once the note is locked for you, you see their evidence and decide; until then you may ask the seller.',
    zh: '凭证为您锁定后，您可查看依据并作出判断；在此之前可向卖方询问。'
  },
  score: { en: (score: number) => `score ${score} of 100`, zh: (score: number) => `${score} 分（满分 100）` },
  file: { en: 'Check the invoice that the seller sent you', zh: '核查卖方提供的发票' },
  fileHint: {
    en: 'Is it claimed, here or elsewhere, or does it look like another? Nothing of the file is kept.',
    zh: '核查其是否已在本系统或别处占用、是否与其他单据相似。文件不会被保存。'
  },
  checking: { en: 'Checking …', zh: '核查中…' },
  unknown: {
    en: (name: string) => `${name}: nobody has claimed it. So it is not the document of this receivable, which is.`,
    zh: (name: string) => `${name}：无人占用，因此不是本应收账款所依据的单据。`
  },
  registered: {
    en: (name: string) => `${name}: one receivable here stands on it`,
    zh: (name: string) => `${name}：本系统有一笔应收账款以其为据`
  },
  'trade-document': {
    en: (name: string) => `${name}: it backs a transfer here, and is no receivable`,
    zh: (name: string) => `${name}：用于支持一笔转让，并非应收账款`
  },
  'claimed-elsewhere': {
    en: (name: string) => `${name}: a factor finances it outside of this registry. Do not pay on it twice.`,
    zh: (name: string) => `${name}：已有保理商在本系统之外为其融资，切勿重复放款。`
  },
  unreadable: {
    en: (name: string) => `${name}: not a document that is read here`,
    zh: (name: string) => `${name}：无法识读`
  },
  near: {
    en: (count: number) => `${count} like it:`,
    zh: (count: number) => `相似单据 ${count} 份：`
  },
  noNear: { en: 'No document looks like it.', zh: '没有与其相似的单据。' }
})

type Answer = Output<'checkDuplicates'>['answers'][number]

/** What a factor looks at before it quotes: alarms by their rules, and the document that the seller sent, asked for without showing it. */
export function Checks({ request: { alarms } }: { request: FundingRequest }) {
  const t = useText(text)
  const rules = useText(alarmRuleWords)
  return (
    <section aria-labelledby="checks-title">
      <h2 id="checks-title">{t.title}</h2>
      {alarms?.length === 0 && <p>{t.noAlarms}</p>}
      {alarms && alarms.length > 0 && (
        <div class="notice">
          <h3>{t.alarms}</h3>
          <ul>
            {alarms.map(({ rule, score }, i) => (
              <li key={`${rule} ${i}`}>
                {rules[rule]} ({t.score(score)})
              </li>
            ))}
          </ul>
          <p>{t.alarmsHint}</p>
        </div>
      )}
      <DocumentCheck />
    </section>
  )
}

function DocumentCheck() {
  const t = useText(text)
  const [answers, setAnswers] = useState<readonly { name: string; answer: Answer }[]>([])
  const { isBusy, error, run } = useAct()
  const check = (file: File): Promise<void> =>
    run(async () => {
      const content = new Uint8Array(await file.arrayBuffer())
      const { answers: found } = await api.call('checkDuplicates', {
        body: { documents: [{ file: base64Of(content) }] }
      })
      setAnswers((before) => [{ name: file.name, answer: found[0]! }, ...before])
    })
  return (
    <>
      <DropZone label={t.file} hint={t.fileHint} isDisabled={isBusy} onFile={(file) => void check(file)} />
      {isBusy && <p role="status">{t.checking}</p>}
      <Problem error={error} />
      <ul class="answers" aria-live="polite">
        {answers.map(({ name, answer }, i) => (
          <li key={answers.length - i}>
            <AnswerWords name={name} answer={answer} />
          </li>
        ))}
      </ul>
    </>
  )
}

function AnswerWords({ name, answer }: { name: string; answer: Answer }) {
  const t = useText(text)
  const rules = useText(alarmRuleWords)
  const { status, nearDuplicates, problem } = answer
  return (
    <>
      <p>
        <strong>{t[status](name)}</strong>
      </p>
      {problem !== null && <code>{problem}</code>}
      {nearDuplicates?.length === 0 && <p>{t.noNear}</p>}
      {nearDuplicates?.map(({ rule, count }) => (
        <p key={rule}>
          {t.near(count)} {rules[rule]}
        </p>
      ))}
    </>
  )
}

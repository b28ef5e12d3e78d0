/** FatturaPA 1.2, ordinary invoices (FPR12) and credit notes (TD04, amounts without sign). One file may hold several. */
import type { Party } from '../invoice.ts'
import { branch, leaf, xmlDocument } from '../xml-text.ts'
import { compactDay, decimalsOf, type SampleInvoice } from './model.ts'

/** All of the seller and buyer of the first. */
export function writeFatturaPa(first: SampleInvoice, ...others: readonly SampleInvoice[]): Uint8Array {
  return xmlDocument(
    'p:FatturaElettronica',
    { versione: 'FPR12', 'xmlns:p': 'http://ivaservizi.agenziaentrate.gov.it/docs/xsd/fatture/v1.2' },
    branch(
      'FatturaElettronicaHeader',
      branch(
        'DatiTrasmissione',
        leaf('ProgressivoInvio', compactDay(first.issueDate)),
        leaf('FormatoTrasmissione', 'FPR12'),
        leaf('CodiceDestinatario', '0000000')
      ),
      branch('CedentePrestatore', partyOf(first.seller)),
      branch('CessionarioCommittente', partyOf(first.buyer))
    ),
    ...[first, ...others].map(bodyOf)
  )
}

function partyOf({ vat, tax, name }: Party): string {
  return branch(
    'DatiAnagrafici',
    branch('IdFiscaleIVA', leaf('IdPaese', vat?.slice(0, 2)), leaf('IdCodice', vat?.slice(2))),
    leaf('CodiceFiscale', tax),
    branch('Anagrafica', leaf('Denominazione', name))
  )
}

function bodyOf(invoice: SampleInvoice): string {
  const { number, issueDate, dueDate, currency, preceding, order, contract, item } = invoice
  const { net, tax, gross, payable, rate } = decimalsOf(invoice)
  return branch(
    'FatturaElettronicaBody',
    branch(
      'DatiGenerali',
      branch(
        'DatiGeneraliDocumento',
        leaf('TipoDocumento', invoice.class === 'C' ? 'TD04' : 'TD01'),
        leaf('Divisa', currency),
        leaf('Data', issueDate),
        leaf('Numero', number),
        leaf('ImportoTotaleDocumento', gross)
      ),
      branch('DatiOrdineAcquisto', leaf('IdDocumento', order)),
      branch('DatiContratto', leaf('IdDocumento', contract)),
      branch('DatiFattureCollegate', leaf('IdDocumento', preceding))
    ),
    branch(
      'DatiBeniServizi',
      branch(
        'DettaglioLinee',
        leaf('NumeroLinea', '1'),
        leaf('Descrizione', item),
        leaf('PrezzoUnitario', net),
        leaf('PrezzoTotale', net),
        leaf('AliquotaIVA', rate)
      ),
      branch('DatiRiepilogo', leaf('AliquotaIVA', rate), leaf('ImponibileImporto', net), leaf('Imposta', tax))
    ),
    branch(
      'DatiPagamento',
      leaf('CondizioniPagamento', 'TP02'),
      branch(
        'DettaglioPagamento',
        leaf('ModalitaPagamento', 'MP05'),
        leaf('DataScadenzaPagamento', dueDate),
        leaf('ImportoPagamento', payable)
      )
    )
  )
}

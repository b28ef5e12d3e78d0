/** Stands in for the tables of ENS names that ethers brings along: the console knows addresses only, and no name service. */
function refuse(): never {
  throw new Error('there are no names of a name service here')
}

export { refuse as ens_normalize, refuse as ens_normalize_fragment }

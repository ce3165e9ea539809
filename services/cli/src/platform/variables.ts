/** Environment variables that the command line reads by itself, for the reference. */
export const COMMAND_VARIABLES: readonly { readonly name: string; readonly description: string }[] = [
  { name: 'HONE_HOME', description: 'where runs, checkpoints and logs live; --home goes before it; default: .hone' },
  { name: 'HONE_SERVER', description: 'orchestrator of a deployment to use, as --server' },
  { name: 'HONE_ANNOTATOR', description: 'who judges, for hone feedback; --annotator goes before it' },
  {
    name: 'HONE_<ROLE>_ADDRESS',
    description: "another address of a deployment's service than the one behind its orchestrator's port",
  },
  { name: 'HONE_RECIPES', description: 'folder with recipes of your own for services that are started, as --recipes' },
  { name: 'HONE_ENGINES', description: 'folder with engines of your own for services that are started, as --engines' },
  {
    name: 'HONE_ENGINE',
    description: 'what sampler and trainer compute with; --sampling-engine and --training-engine go before it',
  },
  { name: 'HONE_STORE', description: 'the store of services that are started; default: store/ in the home' },
  { name: 'HONE_DEBUG', description: '1: errors are printed with their stack' },
  { name: 'COLUMNS', description: 'width of what is printed' },
  { name: 'TERM', description: 'dumb: nothing that was printed is written over' },
  { name: 'HF_HOME, HF_HUB_CACHE', description: 'where models and data sets of the hub are kept' },
  { name: 'HF_TOKEN, HF_TOKEN_PATH', description: 'token for the hub, or the file that holds it' },
  { name: 'HF_ENDPOINT', description: 'address of the hub' },
  { name: 'HF_HUB_OFFLINE, TRANSFORMERS_OFFLINE', description: '1: only what is in the cache of the hub' },
  { name: 'HTTPS_PROXY, HTTP_PROXY, ALL_PROXY, NO_PROXY', description: 'proxy for the hub; either case' },
];

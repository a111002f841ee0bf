/** The worker's script as text; see vite.verify.config.ts. */
declare module "virtual:worker" {
  const script: string;
  // The build's own form of a module that is one text.
  // oxlint-disable-next-line import/no-default-export
  export default script;
}

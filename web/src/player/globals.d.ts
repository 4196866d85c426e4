/** Set by build.mjs. */
declare const __SINGLE_FILE__: boolean;

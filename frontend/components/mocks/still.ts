/** True in tests: mock media stand still there, so that pictures compare and nothing waits for a clock. */
export const isStill = (): boolean => navigator.webdriver;

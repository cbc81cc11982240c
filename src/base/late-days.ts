/** From so many days before its expiry on, a certificate is warned of: certbot and cert-manager renew 30 days before. */
export const LATE_DAYS = 14;

/** So many days before its end nobody seems to renew a certificate: certbot and cert-manager do 30 days before. */
export const LATE_DAYS = 14;

/* libcurl, and its options by the type of their values: Swift can't call functions whose arguments vary. */
#pragma once
#define CURL_DISABLE_TYPECHECK
#include <curl/curl.h>

static inline CURLcode grove_curl_set_number(CURL *curl, CURLoption option, long value) {
  return curl_easy_setopt(curl, option, value);
}

static inline CURLcode grove_curl_set_pointer(CURL *curl, CURLoption option, const void *value) {
  return curl_easy_setopt(curl, option, value);
}

/* What receives lines of the head, or parts of the body. */
static inline CURLcode grove_curl_set_receiver(CURL *curl, CURLoption option, curl_write_callback receiver) {
  return curl_easy_setopt(curl, option, receiver);
}

/* What is asked every second, and oftener when something comes, whether to go on. */
static inline CURLcode grove_curl_set_watch(CURL *curl, curl_xferinfo_callback watch) {
  return curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, watch);
}

static inline long grove_curl_status(CURL *curl) {
  long status = 0;
  curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
  return status;
}

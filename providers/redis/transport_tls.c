#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "providers/redis/tls.h"
#include "providers/redis/transport.h"
#include "schemas/base/memory.h"

struct redis_tls {
    SSL_CTX *context;
    char *server_name;
    bool has_certificate;
};

struct session {
    SSL *ssl;
    bool shaken, has_certificate;
    bool heard;    /* anything but the handshake */
    short blocked; /* what the handshake, or a write that must read first, waits for; else 0 */
};

/* The oldest error of the library, which is the cause of the others; they are forgotten. */
static void reason_of(char reason[160]) {
    unsigned long code = ERR_get_error();
    const char *text = code ? ERR_reason_error_string(code) : NULL;
    (void)snprintf(reason, 160, "%s", text ? text : "unknown");
    ERR_clear_error();
}

static bool bad_file(const char *what, const char *path, struct error *err) {
    char reason[160];
    reason_of(reason);
    error_set(err, ERROR_CONFIG, "%s '%s' cannot be used: %s", what, path, reason);
    return error_hint(err, "name a readable file in PEM format");
}

/* A key with a pass phrase is refused: the library would ask the terminal. */
static int no_phrase(char *buffer, int size, int writing, void *context) {
    (void)buffer;
    (void)size;
    (void)writing;
    (void)context;
    return -1;
}

static bool load(SSL_CTX *context, const struct redis_tls_files *files, struct error *err) {
    if (files->ca_file ? SSL_CTX_load_verify_file(context, files->ca_file) != 1
                       : SSL_CTX_set_default_verify_paths(context) != 1)
        return bad_file("ca_file", files->ca_file ? files->ca_file : "of this machine", err);
    if (files->cert_file && SSL_CTX_use_certificate_chain_file(context, files->cert_file) != 1)
        return bad_file("cert_file", files->cert_file, err);
    if (files->key_file &&
        SSL_CTX_use_PrivateKey_file(context, files->key_file, SSL_FILETYPE_PEM) != 1)
        return bad_file("key_file", files->key_file, err);
    return true;
}

bool redis_tls_new(const struct redis_tls_files *files, struct redis_tls **out, struct error *err) {
    AUTO(redis_tls_free) struct redis_tls *tls = xcalloc(1, sizeof *tls);
    ERR_clear_error();
    tls->context = SSL_CTX_new(TLS_client_method());
    if (!tls->context || SSL_CTX_set_min_proto_version(tls->context, TLS1_2_VERSION) != 1)
        abort(); /* no memory */
    SSL_CTX_set_verify(tls->context, SSL_VERIFY_PEER, NULL);
    SSL_CTX_set_default_passwd_cb(tls->context, no_phrase);
    /* What is queued may move and grow between two tries to write it. */
    SSL_CTX_set_mode(tls->context,
                     SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    tls->server_name = xstrdup(files->server_name);
    tls->has_certificate = files->cert_file != NULL;
    if (!load(tls->context, files, err))
        return false;
    *out = TAKE(tls);
    return true;
}

void redis_tls_free(struct redis_tls *tls) {
    if (!tls)
        return;
    SSL_CTX_free(tls->context);
    free(tls->server_name);
    free(tls);
}

/* The library's own socket would raise SIGPIPE. */
static int bio_write(BIO *bio, const char *bytes, int length) {
    ssize_t status = send((int)(intptr_t)BIO_get_data(bio), bytes, (size_t)length, MSG_NOSIGNAL);
    BIO_clear_retry_flags(bio);
    if (status < 0 && (errno == EAGAIN || errno == EINTR))
        BIO_set_retry_write(bio);
    return (int)status;
}

static int bio_read(BIO *bio, char *bytes, int length) {
    ssize_t status = recv((int)(intptr_t)BIO_get_data(bio), bytes, (size_t)length, 0);
    BIO_clear_retry_flags(bio);
    if (status < 0 && (errno == EAGAIN || errno == EINTR))
        BIO_set_retry_read(bio);
    return (int)status;
}

static long bio_control(BIO *bio, int command, long number, void *pointer) {
    (void)bio;
    (void)number;
    (void)pointer;
    return command == BIO_CTRL_FLUSH || command == BIO_CTRL_DUP;
}

static BIO_METHOD *socket_method; /* for the life of the process */

static void make_method(void) {
    socket_method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "socket");
    if (!socket_method || BIO_meth_set_write(socket_method, bio_write) != 1 ||
        BIO_meth_set_read(socket_method, bio_read) != 1 ||
        BIO_meth_set_ctrl(socket_method, bio_control) != 1)
        abort(); /* no memory */
}

static BIO *bio_of(int fd) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    (void)pthread_once(&once, make_method);
    BIO *bio = BIO_new(socket_method);
    if (!bio)
        abort();
    BIO_set_data(bio, (void *)(intptr_t)fd);
    BIO_set_init(bio, 1);
    return bio;
}

static bool is_address(const char *name) {
    unsigned char address[16];
    return inet_pton(AF_INET, name, address) == 1 || inet_pton(AF_INET6, name, address) == 1;
}

/* Which name the certificate must carry. An address is not sent as a name (RFC 6066). */
static bool expect(SSL *ssl, const char *name) {
    if (is_address(name))
        return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), name) == 1;
    return SSL_set1_host(ssl, name) == 1 && SSL_set_tlsext_host_name(ssl, name) == 1;
}

static bool tls_begin(struct transport *transport, const struct redis_tls *tls, const char *host,
                      struct error *err) {
    struct session *session = xcalloc(1, sizeof *session);
    const char *name = tls->server_name ? tls->server_name : host;
    session->ssl = SSL_new(tls->context);
    if (!session->ssl)
        abort(); /* no memory */
    session->has_certificate = tls->has_certificate;
    transport->session = session;
    BIO *bio = bio_of(transport->fd);
    SSL_set_bio(session->ssl, bio, bio);
    SSL_set_connect_state(session->ssl);
    return expect(session->ssl, name) ||
           error_set(err, ERROR_CONFIG, "'%s' is not a name that a certificate can have", name);
}

static bool untrusted(const struct session *session, struct error *err) {
    long result = SSL_get_verify_result(session->ssl);
    if (result == X509_V_OK)
        return false;
    error_set(err, ERROR_UNREACHABLE, "the server's certificate is not trusted: %s",
              X509_verify_cert_error_string(result));
    error_remote(err, "TLS");
    if (result == X509_V_ERR_HOSTNAME_MISMATCH || result == X509_V_ERR_IP_ADDRESS_MISMATCH)
        error_hint(err, "set source.tls.server_name to the name in the certificate");
    else
        error_hint(err, "set source.tls.ca_file to the authority that signed it");
    return true;
}

static void hint_certificate(const struct session *session, struct error *err) {
    if (session->has_certificate)
        error_hint(
            err,
            "the server may have refused the certificate of source.tls.cert_file; check its log");
    else
        error_hint(err, "the server may require a client certificate: set source.tls.cert_file and "
                        "source.tls.key_file");
}

/* An alert says that the server refuses us; it comes with the first reply when TLS is 1.3. */
static void explain(const struct session *session, struct error *err) {
    unsigned long code = ERR_peek_error();
    int number = ERR_GET_LIB(code) == ERR_LIB_SSL ? ERR_GET_REASON(code) : 0;
    char reason[160];
    reason_of(reason);
    error_set(err, ERROR_UNREACHABLE, "TLS: %s", reason);
    error_remote(err, "TLS");
    if (number == SSL_R_WRONG_VERSION_NUMBER) {
        error_remote(err, "NO-TLS");
        error_hint(err,
                   "this port does not speak TLS: name the server's tls-port in source.nodes, or "
                   "in source.tls.port if other servers announced it, or remove source.tls");
    } else if (number > SSL_AD_REASON_OFFSET)
        hint_certificate(session, err);
}

/* With TLS 1.3 the server judges our certificate when the handshake is over for us, and what it
 * says of it is lost when it closes before it has read what we sent meanwhile. */
static enum transport_outcome closed(const struct session *session, struct error *err) {
    if (!session->shaken || session->heard)
        return TRANSPORT_CLOSED;
    error_set(err, ERROR_UNREACHABLE, "the server closed the connection after the TLS handshake");
    error_remote(err, "TLS");
    hint_certificate(session, err);
    return TRANSPORT_FAILED;
}

static enum transport_outcome outcome_of(struct session *session, int status, struct error *err) {
    int number = errno;
    switch (SSL_get_error(session->ssl, status)) {
    case SSL_ERROR_WANT_READ:
        session->blocked = POLLIN;
        return TRANSPORT_AGAIN;
    case SSL_ERROR_WANT_WRITE:
        session->blocked = POLLOUT;
        return TRANSPORT_AGAIN;
    case SSL_ERROR_ZERO_RETURN:
        return closed(session, err);
    case SSL_ERROR_SYSCALL:
        ERR_clear_error();
        if (status == 0 || number == 0 || (session->shaken && !session->heard))
            return closed(session, err);
        error_set(err, ERROR_UNREACHABLE, "%s", transport_reason(number));
        return TRANSPORT_FAILED;
    default:
        /* A server that ends without a good-bye is one that closed the connection. */
        if (ERR_GET_REASON(ERR_peek_error()) == SSL_R_UNEXPECTED_EOF_WHILE_READING) {
            ERR_clear_error();
            return closed(session, err);
        }
        explain(session, err);
        return TRANSPORT_FAILED;
    }
}

static enum transport_outcome tls_handshake(struct transport *transport, struct error *err) {
    struct session *session = transport->session;
    ERR_clear_error();
    session->blocked = 0;
    errno = 0;
    int status = SSL_do_handshake(session->ssl);
    if (status == 1) {
        session->shaken = true;
        return TRANSPORT_DONE;
    }
    if (SSL_get_error(session->ssl, status) == SSL_ERROR_SSL && untrusted(session, err)) {
        ERR_clear_error();
        return TRANSPORT_FAILED;
    }
    return outcome_of(session, status, err);
}

/* One call gives at most one record, and a record fits into the buffer of a connection: nothing
 * that came stays behind in the library, where poll(2) would not see it. */
static enum transport_outcome tls_read(struct transport *transport, char *bytes, size_t length,
                                       size_t *moved, struct error *err) {
    struct session *session = transport->session;
    ERR_clear_error();
    errno = 0;
    int status = SSL_read_ex(session->ssl, bytes, length, moved);
    if (status == 1) {
        session->blocked = 0;
        session->heard = true;
        return TRANSPORT_DONE;
    }
    enum transport_outcome outcome = outcome_of(session, status, err);
    if (session->blocked == POLLIN)
        session->blocked = 0; /* which is what a reader waits for anyway */
    return outcome;
}

static enum transport_outcome tls_write(struct transport *transport, const char *bytes,
                                        size_t length, size_t *moved, struct error *err) {
    struct session *session = transport->session;
    ERR_clear_error();
    errno = 0;
    session->blocked = 0;
    int status = SSL_write_ex(session->ssl, bytes, length, moved);
    return status == 1 ? TRANSPORT_DONE : outcome_of(session, status, err);
}

static short tls_wants(const struct transport *transport, bool has_output) {
    const struct session *session = transport->session;
    if (!session->shaken)
        return session->blocked ? session->blocked : POLLOUT;
    if (session->blocked == POLLIN)
        return POLLIN;
    return has_output || session->blocked ? POLLIN | POLLOUT : POLLIN;
}

static void tls_close(struct transport *transport) {
    struct session *session = transport->session;
    if (!session)
        return;
    ERR_clear_error();
    if (session->shaken)
        (void)SSL_shutdown(session->ssl); /* the good-bye, if it can be sent at once */
    ERR_clear_error();
    SSL_free(session->ssl);
    free(session);
    transport->session = NULL;
}

const struct transport_kind transport_tls = {
    .begin = tls_begin,
    .handshake = tls_handshake,
    .read = tls_read,
    .write = tls_write,
    .wants = tls_wants,
    .close = tls_close,
};

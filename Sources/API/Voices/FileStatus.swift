import Glibc

/// What the system says of a file, links followed.
struct FileStatus: Sendable {
    private let status: stat

    /// nil where nothing is.
    ///
    /// - Parameter followsLinks: whether the status of a symbolic link is that of what it leads to.
    init?(_ path: String, followsLinks: Bool = true) {
        var status = stat()
        guard (followsLinks ? stat(path, &status) : lstat(path, &status)) == 0 else { return nil }
        self.status = status
    }

    var isLink: Bool { status.st_mode & S_IFMT == S_IFLNK }

    var isFolder: Bool { status.st_mode & S_IFMT == S_IFDIR }
    var isRegular: Bool { status.st_mode & S_IFMT == S_IFREG }

    /// Changes with the file's content: inode, size and time.
    var signature: String {
        let time = status.st_mtim
        return "\(status.st_ino) \(status.st_size) \(time.tv_sec).\(time.tv_nsec)"
    }
}

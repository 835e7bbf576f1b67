/// A language request of upstream's API: one language, one language with English kept, or automatic.
package enum LanguageCode: String, Sendable, CaseIterable {
    /// Chinese with English passages.
    case zh
    /// Chinese throughout, but for words in Latin letters.
    case allZh = "all_zh"
    case en
    case ja
    case allJa = "all_ja"
    case ko
    case allKo = "all_ko"
    case yue
    case allYue = "all_yue"
    case auto
    case autoYue = "auto_yue"
}

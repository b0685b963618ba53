namespace Tabular.ModelCache.Testing;

/// <summary>Generated repositories in the shape of real ones of the Hugging Face Hub.</summary>
public static class HubModels
{
    private const long ScaledFrom = 1_000_000;

    private const string Modules = """
        [
          { "idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer" },
          { "idx": 1, "name": "1", "path": "1_Pooling", "type": "sentence_transformers.models.Pooling" },
          { "idx": 2, "name": "2", "path": "2_Normalize", "type": "sentence_transformers.models.Normalize" }
        ]
        """;

    private const string Pooling = """{"word_embedding_dimension":1024,"pooling_mode_cls_token":true,"pooling_mode_mean_tokens":false}""";
    private const string SentenceBert = """{"max_seq_length":8192,"do_lower_case":false}""";
    private const string SentenceTransformers = """{"__version__":{"sentence_transformers":"2.2.2"}}""";
    private const string SpecialTokens = """{"bos_token":"<s>","cls_token":"<s>","eos_token":"</s>","mask_token":"<mask>","pad_token":"<pad>"}""";
    private const string TokenizerConfig = """{"model_max_length":8192,"tokenizer_class":"XLMRobertaTokenizer"}""";

    private const string Model = """
        {"architectures":["XLMRobertaModel"],"hidden_size":1024,"model_type":"xlm-roberta","num_hidden_layers":24,"vocab_size":250002}
        """;

    private const string Tokenizer = """
        {"version":"1.0","added_tokens":[],"model":{"type":"Unigram","unk_id":3,"vocab":[["<s>",0.0],["<pad>",0.0],["</s>",0.0],["<unk>",0.0]]}}
        """;

    private const string Attributes = """
        *.bin filter=lfs diff=lfs merge=lfs -text
        *.onnx filter=lfs diff=lfs merge=lfs -text
        *.pt filter=lfs diff=lfs merge=lfs -text

        """;

    /// <summary>The smallest set of files of that shape which is whole: settings, tokenizer and weights of 64 KiB.</summary>
    internal static IReadOnlyList<GeneratedFile> Tiny(long seed) =>
    [
        GeneratedFile.Text("1_Pooling/config.json", Pooling),
        GeneratedFile.Text("config.json", Model),
        GeneratedFile.Text("config_sentence_transformers.json", SentenceTransformers),
        GeneratedFile.Safetensors("model.safetensors", SafetensorsHeader.MinimumSize, seed),
        GeneratedFile.Text("modules.json", Modules),
        GeneratedFile.Text("sentence_bert_config.json", SentenceBert),
        GeneratedFile.Text("special_tokens_map.json", SpecialTokens),
        GeneratedFile.Text("tokenizer.json", Tokenizer),
        GeneratedFile.Text("tokenizer_config.json", TokenizerConfig),
    ];

    /// <summary>Makes the 30 files of a repository in the shape of <c>BAAI/bge-m3</c>, with the real sizes: 4 587 317 404 bytes.</summary>
    /// <param name="scale">What files of a megabyte and more are scaled by; smaller ones keep their size.</param>
    /// <param name="seed">Another seed gives other weights: a newer version.</param>
    /// <returns>The files; their digests are not those of the real ones.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="scale"/> is not above 0.</exception>
    public static IReadOnlyList<GeneratedFile> BgeM3(double scale = 1, long seed = 1)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(scale);
        long number = 0;
        return
        [
            Text(".gitattributes", Attributes, 1627),
            Text("1_Pooling/config.json", Pooling, 191),
            Text("README.md", "# A generated model\n\nIts weights are pseudo-random bytes.\n", 15_822),
            Weights("colbert_linear.pt", 2_100_674),
            Text("config.json", Model, 687),
            Text("config_sentence_transformers.json", SentenceTransformers, 123),
            Picture("imgs/.DS_Store", 6148),
            Picture("imgs/bm25.jpg", 131_072),
            Picture("imgs/long.jpg", 485_432),
            Picture("imgs/miracl.jpg", 576_482),
            Picture("imgs/mkqa.jpg", 608_027),
            Picture("imgs/nqa.jpg", 158_358),
            Picture("imgs/others.webp", 21_761),
            Picture("long.jpg", 126_894),
            Text("modules.json", Modules, 349),
            Weights("onnx/Constant_7_attr__value", 65_552),
            Text("onnx/config.json", Model, 698),
            Weights("onnx/model.onnx", 724_923),
            Weights("onnx/model.onnx_data", 2_266_820_608),
            Pieces("onnx/sentencepiece.bpe.model"),
            Text("onnx/special_tokens_map.json", SpecialTokens, 964),
            Text("onnx/tokenizer.json", Tokenizer, Scale(17_082_821)).WithLfs(true),
            Text("onnx/tokenizer_config.json", TokenizerConfig, 1173),
            Weights("pytorch_model.bin", 2_271_145_830),
            Text("sentence_bert_config.json", SentenceBert, 54),
            Pieces("sentencepiece.bpe.model"),
            Weights("sparse_linear.pt", 3516),
            Text("special_tokens_map.json", SpecialTokens, 964),
            Text("tokenizer.json", Tokenizer, Scale(17_098_108)).WithLfs(true),
            Text("tokenizer_config.json", TokenizerConfig, 444),
        ];

        long Scale(long size) => size < ScaledFrom ? size : Math.Max(1024, (long)(size * scale));
        long NextSeed() => unchecked((seed * 1000) + ++number);
        GeneratedFile Text(string path, string text, long size) => GeneratedFile.Text(path, text, size);
        GeneratedFile Weights(string path, long size) => GeneratedFile.Random(path, Scale(size), NextSeed());
        // The same in every version, and in both folders.
        GeneratedFile Pieces(string path) => GeneratedFile.Random(path, Scale(5_069_051));
        GeneratedFile Picture(string path, long size) => GeneratedFile.Random(path, size, size).WithLfs(false);
    }
}

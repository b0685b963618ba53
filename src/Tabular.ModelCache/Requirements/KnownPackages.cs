namespace Tabular.ModelCache.Requirements;

/// <summary>What is known of packages by their names.</summary>
internal static class KnownPackages
{
    // A star stands for the rest of the name.
    private static readonly string[] Gpu =
    [
        "apex", "auto-gptq", "autoawq", "autoawq-*", "bitsandbytes", "causal-conv1d", "cuda-bindings", "cuda-core", "cuda-pathfinder", "cuda-python",
        "cuda-tile", "cuda-toolkit", "cudf", "cudf-*", "cuml", "cuml-*", "cupy-cuda*", "cupy-rocm*", "deepspeed", "exllamav2", "faiss-gpu*",
        "fastembed-gpu", "flash-attn*", "gptqmodel", "jax-cuda*", "mamba-ssm", "numba-cuda", "nvidia-*", "onnxruntime-gpu", "onnxruntime-migraphx",
        "onnxruntime-rocm", "paddlepaddle-gpu", "pycuda", "pytorch-triton*", "rmm", "rmm-*", "sglang", "tensorflow-gpu", "tensorflow-rocm", "tensorrt*",
        "tf-nightly-gpu", "torch-tensorrt", "triton", "vllm", "xformers",
    ];

    private static readonly string[] OfTorch = ["torch", "torchaudio", "torchvision"];

    private static readonly string[] PullTorch =
    [
        "accelerate", "bertopic", "botorch", "demucs", "docling", "docling-ibm-models", "easyocr", "facenet-pytorch", "fastai", "flagembedding", "flair",
        "gliner", "gpytorch", "keybert", "kornia", "langchain-huggingface", "lightning", "llama-index-embeddings-huggingface", "lpips", "open-clip-torch",
        "openai-whisper", "optimum", "peft", "pyannote-audio", "pytorch-lightning", "sentence-transformers", "setfit", "spacy-transformers", "speechbrain",
        "stable-baselines3", "stanza", "timm", "torchdata", "torchmetrics", "torchtext", "trl", "ultralytics", "unstructured-inference", "whisperx",
    ];

    // Packages that need torch only with these extras; of any package, the extras torch and pytorch.
    private static readonly (string Name, string Extra)[] PullTorchByExtra =
    [
        ("transformers", "accelerate"), ("transformers", "all"), ("transformers", "vision"), ("unstructured", "all-docs"), ("unstructured", "image"),
        ("unstructured", "local-inference"), ("unstructured", "pdf"),
    ];

    private static readonly string[] Large = ["tensorflow", "tf-nightly", "xgboost"];

    /// <summary>Whether a package is of use with a GPU alone.</summary>
    /// <param name="name">By PEP 503, as everywhere here.</param>
    public static bool IsGpu(string name) => Gpu.Any(p => Matches(name, p)) || name.Split('-').Skip(1).Any(w => BuildLabel.IsCuda(w) && w.Length >= 4);

    /// <summary>Whether an extra brings packages for GPUs.</summary>
    public static bool IsGpuExtra(string extra) =>
        extra is "gpu" or "xpu" || extra.EndsWith("-gpu", StringComparison.Ordinal) || extra.EndsWith("-cuda", StringComparison.Ordinal)
        || extra.StartsWith("cuda", StringComparison.Ordinal) || extra.StartsWith("rocm", StringComparison.Ordinal) || BuildLabel.IsCuda(extra);

    /// <summary>Whether it is one of those whose builds for CPUs have the label <c>+cpu</c>.</summary>
    public static bool IsOfTorch(string name) => OfTorch.Contains(name);

    /// <summary>Whether a package, with these extras, depends on torch.</summary>
    public static bool PullsTorch(string name, IReadOnlyList<string> extras) =>
        name is "torchaudio" or "torchvision" || PullTorch.Contains(name)
        || extras.Any(e => e is "torch" or "pytorch" || PullTorchByExtra.Contains((name, e)));

    /// <summary>Whether the usual wheels of a package contain code for GPUs, although it runs without.</summary>
    public static bool IsLarge(string name) => Large.Contains(name);

    private static bool Matches(string name, string pattern) =>
        pattern is [.., '*'] ? name.StartsWith(pattern.TrimEnd('*'), StringComparison.Ordinal) : name == pattern;
}
